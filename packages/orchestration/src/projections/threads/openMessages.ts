/**
 * What open messages hold so far, from the log. A message is read from there while it is open, and also while a tool call in
 * it is: what that prints is in the log until it closes.
 */
import {
  emptyThreadView,
  foldThread,
  type MessageView,
  type TenantId,
  type ThreadView,
  type ThreadId,
  type TurnView
} from "@spillway/contracts"
import { Effect } from "effect"
import type { EventLog } from "../../EventLog.ts"

/** Events read from the log in one go. */
const PAGE = 512

const isOpen = (message: MessageView): boolean =>
  message.status === "open" ||
  message.parts.some((part) => part.type === "tool-call" && part.status === "open")

/**
 * The turns with their open messages as they stood at `version`, which is that of the rows the turns came from. They are
 * folded by `foldThread` alone, from the event that opened the first of them, into a view in which the turns are bare; the
 * log up to a version never changes, so no snapshot is shared with the reading of the rows.
 */
export const withOpenMessages = Effect.fnUntraced(function* (
  log: EventLog["Service"],
  thread: { readonly tenant: TenantId; readonly threadId: ThreadId; readonly version: number },
  turns: ReadonlyArray<TurnView>
) {
  const open = turns.flatMap((turn) => turn.messages).filter(isOpen)
  if (open.length === 0) return turns
  let view: ThreadView = {
    ...emptyThreadView(thread.threadId),
    version: Math.min(...open.map((message) => message.openedAtVersion)) - 1,
    turns: turns.map((turn): TurnView => ({ ...turn, messages: [], steps: [], requests: [], activities: [] }))
  }
  while (view.version < thread.version) {
    const events = yield* log.readThread({
      tenant: thread.tenant,
      threadId: thread.threadId,
      afterVersion: view.version,
      limit: Math.min(PAGE, thread.version - view.version)
    })
    // The rows were folded from these events, so they are there.
    if (events.length === 0)
      return yield* Effect.die(new Error(`The log ends before version ${thread.version}`))
    view = foldThread(view, events)
  }
  const folded = new Map(
    view.turns.flatMap((turn) => turn.messages).map((message) => [message.messageId, message])
  )
  return turns.map((turn) =>
    turn.messages.some(isOpen)
      ? {
          ...turn,
          messages: turn.messages.map((message) =>
            isOpen(message) ? folded.get(message.messageId)! : message
          )
        }
      : turn
  )
})
