/**
 * What ingestion and recovery ask for. These never cross the network, so they are types and not schemas; their content was
 * checked as a ProviderRuntimeEvent. They carry no command id: the session cursor makes them idempotent.
 */
import type { Schema } from "effect"
import type { Activity } from "../Activity.ts"
import type { DataOf } from "../ThreadEvent.ts"
import type { Failure, MessageClosing, TextKind, ToolCallClosing, TurnOutcome, Usage } from "../Turn.ts"
import type { MessageId, PartId, RequestId, SessionId, StepId, ToolCallId, TurnId } from "../Ids.ts"
import type { Question, RequestKind } from "../Request.ts"

export type RuntimeCommand =
  /** The claim. Refused unless the active turn has no open session and waits for nobody. */
  | {
      readonly type: "thread.session.open"
      readonly turnId: TurnId
      readonly sessionId: SessionId
      readonly generation: number
      readonly runtime: string
      readonly resumable: boolean
      readonly canSteer: boolean
    }
  | {
      readonly type: "thread.session.bind"
      readonly sessionId: SessionId
      readonly generation: number
      readonly providerThreadId: string
    }
  | {
      readonly type: "thread.session.close"
      readonly sessionId: SessionId
      readonly generation: number
      readonly reason: DataOf<"thread.session-closed">["reason"]
    }
  /** Opens the step; its message is opened by `thread.message.open` in the same batch. */
  | {
      readonly type: "thread.step.open"
      readonly turnId: TurnId
      readonly stepId: StepId
      readonly steeredBy: ReadonlyArray<MessageId>
    }
  | {
      readonly type: "thread.step.close"
      readonly stepId: StepId
      readonly usage: Usage
      readonly finishReason: string
      readonly responseId: string | null
    }
  | {
      readonly type: "thread.message.open"
      readonly messageId: MessageId
      readonly stepId: StepId
      readonly runtime: string
      readonly model: string | null
    }
  /** Refused unless `offset` is the part's durable length. A first append opens the part. */
  | {
      readonly type: "thread.message.append"
      readonly messageId: MessageId
      readonly partId: PartId
      readonly kind: TextKind
      readonly offset: number
      readonly text: string
    }
  /** `completed` on a message without content closes it `discarded`. */
  | {
      readonly type: "thread.message.close"
      readonly messageId: MessageId
      readonly status: MessageClosing
      readonly error: Failure | null
    }
  | {
      readonly type: "thread.tool-call.open"
      readonly messageId: MessageId
      readonly partId: PartId
      readonly toolCallId: ToolCallId
      readonly name: string
      readonly input: Schema.Json
      readonly inputTruncated: boolean
      readonly providerExecuted: boolean
    }
  | {
      readonly type: "thread.tool-call.output"
      readonly toolCallId: ToolCallId
      readonly offset: number
      readonly text: string
      readonly truncated: boolean
    }
  | {
      readonly type: "thread.tool-call.close"
      readonly toolCallId: ToolCallId
      readonly status: ToolCallClosing
      readonly result: Schema.Json
      readonly resultTruncated: boolean
      readonly error: Failure | null
    }
  | {
      readonly type: "thread.request.open"
      readonly requestId: RequestId
      readonly toolCallId: ToolCallId | null
      readonly kind: RequestKind
      readonly title: string
      readonly questions: ReadonlyArray<Question>
    }
  /** Asked for before a runtime is handed the answer. An answer that was taken before is no refusal, and no event. */
  | { readonly type: "thread.request.take"; readonly requestId: RequestId }
  | { readonly type: "thread.request.withdraw"; readonly requestId: RequestId; readonly reason: string }
  /**
   * Ends the active turn, and with it everything that is still open in it: messages (`interrupted`, or `error` with the
   * turn's error when it failed), tool calls (a synthesised error result), the step, pending requests, the session
   * (`ended`). Starts the next queued turn. Refused when `turnId` is not the active turn.
   */
  | {
      readonly type: "thread.turn.close"
      readonly turnId: TurnId
      readonly outcome: TurnOutcome
      readonly reason: string
      readonly error: Failure | null
    }
  | { readonly type: "thread.activity.record"; readonly activity: Activity }

export type RuntimeCommandType = RuntimeCommand["type"]
export type RuntimeCommandOf<T extends RuntimeCommandType> = Extract<RuntimeCommand, { readonly type: T }>
