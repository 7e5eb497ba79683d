/** What a host is told of a turn that it is to run. Plain JSON. */
import { Schema } from "effect"
import { ThreadId, ToolCallId, TurnId } from "../Ids.ts"
import { TurnView } from "../thread-view/ThreadView.ts"
import { RuntimeChoice, ToolCallClosing } from "../Turn.ts"

const HistoryPart = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["text", "reasoning"]), text: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("tool-call"),
    toolCallId: ToolCallId,
    name: Schema.String,
    input: Schema.Json,
    providerExecuted: Schema.Boolean
  })
])

const HistoryToolResult = Schema.Struct({
  toolCallId: ToolCallId,
  name: Schema.String,
  status: ToolCallClosing,
  result: Schema.Json,
  /** What to tell the model where there is no result. */
  error: Schema.NullOr(Schema.String)
})

export const HistoryMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literals(["user", "system"]), text: Schema.String }),
  Schema.Struct({
    role: Schema.Literal("assistant"),
    parts: Schema.Array(HistoryPart),
    toolResults: Schema.Array(HistoryToolResult),
    /** The message was cut off before its end. */
    cutOff: Schema.Boolean
  })
])

export const TurnToRun = Schema.Struct({
  threadId: ThreadId,
  turnId: TurnId,
  choice: RuntimeChoice,
  /** The text that asked for this turn. */
  prompt: Schema.String,
  /** The conversation up to and including the message that asked for this turn, and what this turn has written already. */
  history: Schema.Array(HistoryMessage),
  /** The turn as far as it got: empty of steps on a first start. */
  turn: TurnView,
  /** The index of the next step to be opened. */
  nextStepIndex: Schema.Natural
})
export type TurnToRun = typeof TurnToRun.Type
