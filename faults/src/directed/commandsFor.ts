/** The commands of one thread, each with ids of its own. */
import { type ClientCommandOf, CommandId, MessageId, type ThreadId, TurnId } from "@spillway/contracts"

export interface ThreadCommands {
  readonly threadId: ThreadId
  readonly create: () => ClientCommandOf<"thread.create">
  readonly rename: (title: string) => ClientCommandOf<"thread.update">
  /** A turn of the scripted runtime, buffered. */
  readonly start: (script: string, options: object) => ClientCommandOf<"thread.turn.start">
}

export const commandsFor = (threadId: ThreadId): ThreadCommands => {
  let count = 0
  const ids = () => ({ commandId: CommandId.make(`${threadId}/${++count}`), threadId })
  return {
    threadId,
    create: () => ({ type: "thread.create", ...ids() }),
    rename: (title) => ({ type: "thread.update", ...ids(), title }),
    start: (script, options) => {
      const turnId = TurnId.make(`${threadId}.${count}`)
      return {
        type: "thread.turn.start",
        ...ids(),
        turnId,
        messageId: MessageId.make(`${turnId}/ask`),
        text: "Go on.",
        assistantDeliveryMode: "buffered",
        choice: { runtime: "scripted", options: { script, ...options } }
      }
    }
  }
}
