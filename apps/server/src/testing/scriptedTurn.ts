/** Turns of the scripted runtime, each in a thread of its own: how a client begins and answers them, and what the log says of them. */
import { expect } from "@effect/vitest"
import {
  type ClientCommandOf,
  CommandId,
  type DeliveryMode,
  emptyThreadView,
  foldThread,
  isTurnEnd,
  type RuntimeChoice,
  type ThreadId,
  type TurnId
} from "@spillway/contracts"
import { Effect } from "effect"
import { createThread, newThreadId, respondTo, startTurn } from "spillway/testing"
import type { EventOf, LogWatch } from "./LogWatch.ts"

/** A turn of a script in a thread of its own. */
export const turnOf = (
  script: string,
  options: RuntimeChoice["options"] = {},
  assistantDeliveryMode: DeliveryMode = "streaming"
) => {
  const threadId = newThreadId()
  const start = startTurn(threadId, {
    assistantDeliveryMode,
    choice: { runtime: "scripted", options: { script, ...options } }
  })
  return { threadId, turnId: start.turnId, commands: [createThread(threadId), start] as const }
}
export type Turn = ReturnType<typeof turnOf>

export const many = (count: number, script: string, options: RuntimeChoice["options"] = {}) =>
  Array.from({ length: count }, () => turnOf(script, options))

export const commandsOf = (turns: ReadonlyArray<Turn>) => turns.flatMap(({ commands }) => commands)

/** The same as before is harmless, and what did not get through gets through. */
export const sendAll = (watch: LogWatch, turns: ReadonlyArray<Turn>) =>
  Effect.forEach(commandsOf(turns), (command) =>
    Effect.map(watch.dispatch(command), ({ status }) => expect(status).toBe("accepted"))
  )

export const interrupt = ({ threadId, turnId }: Turn): ClientCommandOf<"thread.turn.interrupt"> => ({
  type: "thread.turn.interrupt",
  commandId: CommandId.make(`interrupt-${turnId}`),
  threadId,
  turnId
})

/** Approves what the turn waits for. */
export const approval = (watch: LogWatch, { threadId }: Turn) =>
  Effect.map(watch.untilType(threadId, "thread.request-opened"), ({ data }) =>
    respondTo(threadId, data.requestId)
  )

export const approve = (watch: LogWatch, turn: Turn) =>
  Effect.flatMap(approval(watch, turn), (command) => watch.dispatch(command))

/** A turn behind the one that the thread has. */
export const another = (watch: LogWatch, { threadId }: Turn) =>
  Effect.suspend(() => {
    const start = startTurn(threadId, { choice: { runtime: "scripted" } })
    return Effect.map(watch.dispatch(start), ({ status }) => {
      expect(status).toBe("accepted")
      return start
    })
  })

type TurnEnd = EventOf<"thread.turn-completed" | "thread.turn-failed" | "thread.turn-interrupted">

export const end = (
  watch: LogWatch,
  { threadId, turnId }: { readonly threadId: ThreadId; readonly turnId: TurnId }
) => watch.until(threadId, (event): event is TurnEnd => isTurnEnd(event) && event.data.turnId === turnId)

const viewOf = (watch: LogWatch, { threadId }: Turn) =>
  foldThread(emptyThreadView(threadId), watch.eventsOf(threadId))

export const messageOf = (watch: LogWatch, turn: Turn) =>
  viewOf(watch, turn).turns[0]!.messages.find(({ role }) => role === "assistant")!

export const textOf = (watch: LogWatch, turn: Turn) =>
  messageOf(watch, turn)
    .parts.map((part) => (part.type === "text" ? part.text : ""))
    .join("")

export const typesOf = (watch: LogWatch, { threadId }: Turn, of: RegExp) =>
  watch
    .eventsOf(threadId)
    .map(({ type }) => type.slice("thread.".length))
    .filter((type) => of.test(type))
