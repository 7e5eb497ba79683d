import type { ClientEvent, TurnId, TurnView } from "@spillway/contracts"
import { isTurnEnd } from "@spillway/contracts"
import type { CommandOrigin } from "@spillway/orchestration"
import { Effect } from "effect"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import { newCommandId, turnIdFor } from "../ids.ts"
import { iterate } from "../iterate.ts"
import { TurnFailed, TurnInterrupted } from "../SpillwayError.ts"
import type { Turn } from "../Threads.ts"
import { followEvents, followView } from "./followThread.ts"
import { readTurn, type ThreadAddress } from "./readThread.ts"
import { command } from "./sendCommand.ts"
import { endedTurn } from "./turnEnd.ts"

export const makeTurn = (
  process: EmbeddedProcess,
  origin: CommandOrigin,
  thread: ThreadAddress,
  turnId: TurnId
): Turn => {
  const { threadId } = thread
  let completed: Promise<TurnView> | undefined

  const complete = async (): Promise<TurnView> => {
    const turn = await process.run(endedTurn(thread, turnId), process.closing)
    if (turn.status === "failed") throw new TurnFailed(turn)
    if (turn.status === "interrupted") throw new TurnInterrupted(turn)
    return turn
  }

  async function* text(signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    const said = new Map<string, number>()
    for await (const view of iterate(process, followView(thread), signal)) {
      // One that is not among the last turns is behind what a view holds.
      const turn =
        view.turns.find((turn) => turn.turnId === turnId) ??
        (await process.run(readTurn(thread, turnId), signal))
      for (const message of turn.messages) {
        for (const part of message.role === "assistant" ? message.parts : []) {
          if (part.type !== "text") continue
          const delta = part.text.slice(said.get(part.partId) ?? 0)
          if (delta === "") continue
          said.set(part.partId, part.text.length)
          yield delta
        }
      }
      if (turn.endedAt !== null) return
    }
  }

  async function* events(signal: AbortSignal | undefined): AsyncGenerator<ClientEvent, void, undefined> {
    const open = Effect.gen(function* () {
      const turn = yield* readTurn(thread, turnId)
      // The event that asks for a turn stands before its message's; a turn that is tried again has the message of the first.
      const first = Math.min(...turn.messages.map(({ openedAtVersion }) => openedAtVersion))
      return yield* followEvents(thread, {
        after: Number.isFinite(first) ? Math.max(0, first - 2) : 0,
        follow: true
      })
    })
    for await (const event of iterate(process, open, signal)) {
      if (!("turnId" in event.data) || event.data.turnId !== turnId) continue
      yield event
      if (isTurnEnd(event)) return
    }
  }

  return {
    threadId,
    turnId,
    get completed() {
      if (completed === undefined) {
        completed = complete()
        // Nobody has to wait for it.
        completed.catch(() => undefined)
      }
      return completed
    },
    text: ({ signal } = {}) => text(signal),
    events: ({ signal } = {}) => events(signal),
    interrupt: ({ commandId = newCommandId() } = {}) =>
      command(process, origin, { type: "thread.turn.interrupt", commandId, threadId, turnId }),
    retry: async ({ commandId = newCommandId(), turnId: next = turnIdFor(commandId) } = {}) => {
      await command(process, origin, {
        type: "thread.turn.retry",
        commandId,
        threadId,
        turnId: next,
        retryOf: turnId
      })
      return makeTurn(process, origin, thread, next as TurnId)
    }
  }
}
