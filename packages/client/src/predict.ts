/**
 * What a thread will look like once its pending commands are committed: the events that they will most likely become, folded by the one
 * fold. What is in the view already is not predicted again, so that a command is handed over to its own events without a gap and without
 * a double, in whatever order they and the receipt arrive.
 *
 * A start that was turned down stays, at the end, as a turn that failed for that reason; other commands that were turned down change
 * nothing.
 */
import type {
  ClientCommand,
  ClientEvent,
  MessageId,
  ThreadEvent,
  ThreadView,
  TurnId,
  TurnView
} from "@spillway/contracts"
import { DEFAULT_DELIVERY_MODE, foldThread } from "@spillway/contracts/plain"
import { isTurnedDown, type PendingCommand } from "./PendingCommand.ts"

/** Beyond every version of a log: what is predicted stands behind what is known, and does not change as the thread grows. */
const BEYOND = 2 ** 52

export const predicted = (view: ThreadView, pending: ReadonlyArray<PendingCommand>): ThreadView => {
  if (pending.length === 0) return view
  const inOrder = [...pending.filter((command) => !isTurnedDown(command)), ...pending.filter(isTurnedDown)]
  let next: ThreadView = { ...view, version: BEYOND }
  for (const one of inOrder) {
    const events = isTurnedDown(one) ? failedStart(next, one) : eventsOf(next, one.command)
    next = foldThread(
      next,
      events.map((event, i) => envelope(next, one, event, i))
    )
  }
  return next.version === BEYOND ? view : { ...next, version: view.version, updatedAt: view.updatedAt }
}

const envelope = (view: ThreadView, { at, command }: PendingCommand, event: ThreadEvent, index: number) =>
  ({
    ...event,
    tenant: "",
    threadId: view.threadId,
    version: view.version + 1 + index,
    schemaVersion: 1,
    commandId: command.commandId,
    causationId: command.commandId,
    correlationId: null,
    actor: "",
    at
  }) as unknown as ClientEvent

type Command<T extends ClientCommand["type"]> = Extract<ClientCommand, { readonly type: T }>
type Start = Omit<Command<"thread.turn.start">, "type" | "commandId" | "threadId">

const eventsOf = (view: ThreadView, command: ClientCommand): ReadonlyArray<ThreadEvent> => {
  switch (command.type) {
    case "thread.create":
      return view.createdAt === "" ? [{ type: "thread.created", data: described(command) }] : []
    case "thread.update":
      return [{ type: "thread.updated", data: described(command) }]
    case "thread.archive":
      return [{ type: "thread.archived", data: {} }]
    case "thread.unarchive":
      return [{ type: "thread.unarchived", data: {} }]
    case "thread.delete":
      return [{ type: "thread.deleted", data: {} }]
    case "thread.turn.start":
      return started(view, command)
    case "thread.turn.steer":
      if (turnOf(view, command.turnId)?.status !== "active") return started(view, startOf(command)!)
      return hasMessage(view, command.messageId) ? [] : [sent(command, command.turnId)]
    case "thread.turn.interrupt": {
      const turn = turnOf(view, command.turnId)
      if (turn?.status === "active" && !turn.interruptRequested) {
        return [{ type: "thread.turn-interrupt-requested", data: { turnId: turn.turnId } }]
      }
      if (turn?.status !== "queued") return []
      return [
        { type: "thread.turn-interrupted", data: { turnId: turn.turnId, reason: "removed-from-queue" } }
      ]
    }
    case "thread.turn.retry": {
      const turn = turnOf(view, command.retryOf)
      if (turn === undefined) return []
      const { assistantDeliveryMode, choice, messageId } = turn
      return [
        ...(turnOf(view, command.turnId) === undefined
          ? [requested({ ...command, messageId, assistantDeliveryMode, choice }, command.retryOf)]
          : []),
        ...begun(view, command.turnId, false)
      ]
    }
    case "thread.request.respond": {
      const { requestId, response } = command
      const request = view.turns
        .flatMap((turn) => turn.requests)
        .find((request) => request.requestId === requestId)
      if (request?.status !== "pending") return []
      const { turnId } = request
      return [{ type: "thread.request-resolved", data: { requestId, turnId, response } }]
    }
  }
}

/** The commit of a start may come in pieces: only what is missing is predicted. */
const started = (view: ThreadView, start: Start): ReadonlyArray<ThreadEvent> => {
  const isKnown = turnOf(view, start.turnId) !== undefined
  const wasSent = hasMessage(view, start.messageId)
  // It went to the running turn.
  if (wasSent && !isKnown) return []
  return [
    ...(isKnown ? [] : [requested(start, null)]),
    ...(wasSent ? [] : [sent(start, start.turnId)]),
    ...begun(view, start.turnId, start.ifBusy === "interrupt")
  ]
}

const failedStart = (view: ThreadView, { command, reason }: PendingCommand): ReadonlyArray<ThreadEvent> => {
  const start = startOf(command)
  if (start === undefined || reason === null) return []
  if (turnOf(view, start.turnId) !== undefined || hasMessage(view, start.messageId)) return []
  return [
    requested(start, null),
    sent(start, start.turnId),
    { type: "thread.turn-failed", data: { turnId: start.turnId, reason: "not-sent", error: reason } }
  ]
}

/** The turn that a command with a text would start if it can't do anything else. */
export const startOf = (command: ClientCommand): Start | undefined => {
  if (command.type === "thread.turn.start") return command
  if (command.type !== "thread.turn.steer") return undefined
  const { messageId, nextTurnId: turnId, text } = command
  return { turnId, messageId, text, ifBusy: "steer" }
}

/** The turn starts, or waits; nothing where it does one of these already. */
const begun = (view: ThreadView, turnId: TurnId, front: boolean): ReadonlyArray<ThreadEvent> => {
  const turn = turnOf(view, turnId)
  if (turn !== undefined && (turn.status !== "queued" || view.queue.includes(turnId))) return []
  const active = view.activeTurnId
  if (active === null) return [{ type: "thread.turn-started", data: { turnId } }]
  return [
    ...(front ? [{ type: "thread.turn-interrupt-requested", data: { turnId: active } } as const] : []),
    { type: "thread.turn-queued", data: { turnId, because: "busy", front } }
  ]
}

const requested = (
  { assistantDeliveryMode = DEFAULT_DELIVERY_MODE, choice = {}, messageId, turnId }: Omit<Start, "text">,
  retryOf: TurnId | null
): ThreadEvent => ({
  type: "thread.turn-start-requested",
  data: { turnId, messageId, assistantDeliveryMode, choice, retryOf }
})

const sent = (
  { messageId, role = "user", text }: Pick<Start, "messageId" | "role" | "text">,
  turnId: TurnId
): ThreadEvent => ({ type: "thread.message-sent", data: { messageId, turnId, role, text } })

const described = ({ metadata, title }: Command<"thread.create" | "thread.update">) => ({
  ...(title !== undefined && { title }),
  ...(metadata !== undefined && { metadata })
})

const turnOf = (view: ThreadView, turnId: TurnId): TurnView | undefined =>
  view.turns.findLast((turn) => turn.turnId === turnId)

const hasMessage = (view: ThreadView, messageId: MessageId): boolean =>
  view.turns.some((turn) => turn.messages.some((message) => message.messageId === messageId))
