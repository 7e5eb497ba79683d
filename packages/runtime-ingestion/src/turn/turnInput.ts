/** What a runtime starts from, read from the log: the truth, and not a view that may lag. */
import {
  emptyThreadView,
  foldThread,
  type MessageId,
  modelHistory,
  type TenantId,
  type ThreadId,
  type ThreadView,
  type TurnId
} from "@spillway/contracts"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import type { TurnInput } from "../ProviderRuntime.ts"

const PAGE = 1_000

/** The whole thread at the log's head. */
export const readThreadView = Effect.fnUntraced(function* (tenant: TenantId, threadId: ThreadId) {
  const log = yield* EventLog
  let view = emptyThreadView(threadId)
  while (true) {
    const events = yield* log.readThread({ tenant, threadId, afterVersion: view.version, limit: PAGE })
    view = foldThread(view, events)
    if (events.length < PAGE) return view
  }
})

export const turnInput = (view: ThreadView, turnId: TurnId): TurnInput | undefined => {
  const turn = view.turns.find((turn) => turn.turnId === turnId)
  if (turn === undefined) return undefined
  return {
    threadId: view.threadId,
    turnId,
    choice: turn.choice,
    prompt: messageText(view, turn.messageId),
    history: modelHistory(view),
    turn,
    nextStepIndex: turn.steps.length
  }
}

/** A user's message, whole. */
export const messageText = (view: ThreadView, messageId: MessageId): string =>
  view.turns
    .flatMap((turn) => turn.messages)
    .findLast((message) => message.messageId === messageId)
    ?.parts.map((part) => (part.type === "text" ? part.text : ""))
    .join("") ?? ""
