/** A thread's handle: turns calls into commands. */
import type { ClientCommand, CommandId, DeliveryMode, MessageId, TurnId, TurnView } from "@spillway/contracts"
import { standingTurns } from "@spillway/contracts/plain"
import type { Core } from "./Core.ts"
import { CommandFailed } from "./errors.ts"
import type { FollowedThread } from "./FollowedThread.ts"
import { newId } from "./newId.ts"
import { olderTurns } from "./olderTurns.ts"
import { isTurnedDown } from "./PendingCommand.ts"
import { startOf } from "./predict.ts"
import type { SendOptions, Sent, SentTurn, Thread } from "./Thread.ts"

type Fields<T extends ClientCommand["type"]> = Omit<
  Extract<ClientCommand, { readonly type: T }>,
  "type" | "commandId" | "threadId"
>

export const makeThread = (core: Core, followed: FollowedThread): Thread => {
  const { commands, threadId } = followed
  let mode: DeliveryMode | undefined
  let loading: Promise<boolean> | undefined

  const give = <T extends ClientCommand["type"]>(type: T, fields: Fields<T>): Sent => {
    const commandId = newId<CommandId>()
    const command = { type, commandId, threadId, ...fields } as unknown as ClientCommand
    return { commandId, accepted: commands.give(command) }
  }

  const send = (text: string, options: SendOptions = {}): SentTurn => {
    const { choice, ifBusy, role } = options
    const turnId = (options.turnId ?? newId()) as TurnId
    const messageId = (options.messageId ?? newId()) as MessageId
    const assistantDeliveryMode = options.mode ?? mode ?? core.deliveryMode
    const sent = give("thread.turn.start", {
      turnId,
      messageId,
      text,
      ...(assistantDeliveryMode !== undefined && { assistantDeliveryMode }),
      ...(choice !== undefined && { choice }),
      ...(ifBusy !== undefined && { ifBusy }),
      ...(role !== undefined && { role })
    })
    return { ...sent, turnId, messageId }
  }

  const steer = (text: string): SentTurn => {
    const turnId = followed.state.view.activeTurnId
    if (turnId === null) return send(text)
    const messageId = newId<MessageId>()
    const sent = give("thread.turn.steer", { turnId, messageId, nextTurnId: newId(), text })
    return { ...sent, turnId, messageId }
  }

  const resend = (commandId: string): Sent => {
    const accepted = commands.resend(commandId as CommandId)
    if (accepted !== undefined) return { commandId: commandId as CommandId, accepted }
    return unsent(`No command ${commandId} was turned down: there is nothing to send again.`)
  }

  const retry = (turnId?: string): SentTurn => {
    const { pending, view } = followed.state
    const turn =
      turnId === undefined
        ? standingTurns(view).findLast(({ status }) => status === "failed" || status === "interrupted")
        : view.turns.find((turn) => turn.turnId === turnId)
    const none = { turnId: (turnId ?? "") as TurnId, messageId: "" as MessageId }
    if (turn === undefined) {
      return { ...unsent("There is no failed or interrupted turn to try again."), ...none }
    }
    const { messageId } = turn
    const turnedDown = pending.find(
      (command) => isTurnedDown(command) && startOf(command.command)?.turnId === turn.turnId
    )
    if (turnedDown !== undefined) return { ...resend(turnedDown.commandId), turnId: turn.turnId, messageId }
    const next = newId<TurnId>()
    return { ...give("thread.turn.retry", { turnId: next, retryOf: turn.turnId }), turnId: next, messageId }
  }

  const readOlder = async (limit: number): Promise<boolean> => {
    const { before } = followed
    if (before === null) return false
    const { next, turns } = await olderTurns(core, threadId, { before, limit })
    // Else the view was begun anew meanwhile.
    if (followed.before === before) followed.addOlder(turns, next)
    return turns.length > 0
  }

  return {
    id: threadId,
    initial: followed.initial,
    get state() {
      return followed.state
    },
    get view() {
      return followed.state.view
    },
    subscribe: followed.subscribe,
    states: () => followed.states(),
    until: (fits) => followed.until(fits),
    get deliveryMode() {
      return mode
    },
    set deliveryMode(next) {
      mode = next
    },
    send,
    steer,
    interrupt: (turnId = followed.state.view.activeTurnId ?? undefined) =>
      turnId === undefined
        ? unsent("No turn is active: there is nothing to interrupt.")
        : give("thread.turn.interrupt", { turnId: turnId as TurnId }),
    respond: (requestId, response) =>
      give("thread.request.respond", { requestId: requestId as never, response }),
    retry,
    create: (described = {}) => give("thread.create", described),
    update: (described) => give("thread.update", described),
    archive: () => give("thread.archive", {}),
    unarchive: () => give("thread.unarchive", {}),
    delete: () => give("thread.delete", {}),
    resend,
    dismiss: (commandId) => commands.dismiss(commandId as CommandId),
    loadOlder: (limit = 50) => (loading ??= readOlder(limit).finally(() => (loading = undefined))),
    ended: async (turnId) => {
      const isEnded = ({ view }: typeof followed.state) => endedTurn(view.turns, turnId)
      return isEnded(await followed.until((state) => isEnded(state) !== undefined))!
    }
  }
}

/** A command that there is no use in sending. */
const unsent = (message: string): Sent => {
  const accepted = Promise.reject<never>(new CommandFailed("nothing-to-do", message))
  accepted.catch(() => {})
  return { commandId: newId(), accepted }
}

const endedTurn = (turns: ReadonlyArray<TurnView>, turnId: string): TurnView | undefined =>
  turns.find((turn) => turn.turnId === turnId && turn.status !== "queued" && turn.status !== "active")
