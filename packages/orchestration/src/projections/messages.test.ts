import { DEFAULT_TENANT, type Failure, MessageId, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { ReadModels } from "../ReadModels.ts"
import { assertProjectionsEqualFold } from "../testing/assertProjectionsEqualFold.ts"
import * as c from "../testing/commands.ts"
import { readModelStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"

const failure: Failure = { code: "Failed", message: "It failed." }

const read = Effect.fnUntraced(function* (
  threadId: ThreadId,
  position: number,
  page: { readonly limit?: number; readonly before?: MessageId } = {}
) {
  const models = yield* ReadModels
  yield* models.waitFor(position)
  const found = (yield* models.messages(DEFAULT_TENANT, threadId, page))!
  return { ...found, ids: found.messages.map(({ messageId }) => messageId) }
})

layer(readModelStack, { excludeTestServices: true })("messages of a thread", (it) => {
  it.effect("are read the newest page first, each in order, up to the oldest one", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const threadId = ThreadId.make("pages")
      yield* log.run(threadId, c.create())
      const ids: Array<MessageId> = []
      let end = 0
      for (let i = 0; i < 60; i++) {
        const turn = `turn-${i}`
        const message = c.messageOf(turn)
        ids.push(c.askOf(turn), message)
        end = yield* log.run(
          threadId,
          c.start(turn),
          c.claim(turn, { generation: i + 1 }),
          c.openStep(turn),
          c.openMessage(turn),
          c.append(message, `answer ${i}`),
          c.closeTurn(turn)
        )
      }
      const newest = yield* read(threadId, end)
      expect(newest.ids).toEqual(ids.slice(-50))
      expect(newest.version).toBe(log.state(threadId).version)
      expect(newest.before).toBe(ids.at(-50))
      // In the middle of a turn.
      const older = yield* read(threadId, end, { limit: 33, before: newest.before! })
      expect(older.ids).toEqual(ids.slice(-83, -50))
      expect(older.messages.at(-1)).toMatchObject({ turnId: "turn-34", parts: [{ text: "answer 34" }] })
      const oldest = yield* read(threadId, end, { limit: 37, before: older.before! })
      expect(oldest.ids).toEqual(ids.slice(0, 37))
      expect(oldest.before).toBe(null)
      expect((yield* read(threadId, end, { before: ids[0]! })).ids).toEqual([])
      expect((yield* read(threadId, end, { before: MessageId.make("unknown") })).ids).toEqual([])
    })
  )

  it.effect("have the text so far where they are open, and nothing where they stayed empty", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const threadId = ThreadId.make("open")
      const [empty, open] = [c.messageOf("open-turn"), c.messageOf("open-turn", 0, 1)]
      const position = yield* log.run(
        threadId,
        c.create(),
        c.start("priming", { role: "system", text: "Be brief." }),
        c.closeTurn("priming"),
        c.start("open-turn"),
        c.claim("open-turn"),
        c.openStep("open-turn"),
        c.openMessage("open-turn"),
        c.closeMessage(empty),
        c.openMessage("open-turn", 0, 1),
        c.append(open, "so "),
        c.call(open, "call"),
        c.output("call", "printed"),
        c.append(open, "far", { offset: 3 })
      )
      const { ids, messages } = yield* read(threadId, position)
      expect(ids).toEqual([c.askOf("open-turn"), open])
      expect(messages[1]).toMatchObject({
        status: "open",
        parts: [{ text: "so far" }, { type: "tool-call", output: "printed" }]
      })
    })
  )

  it.effect("go on behind a message whose turn was retried meanwhile, and leave none out", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const threadId = ThreadId.make("retried")
      yield* log.run(threadId, c.create())
      for (const turn of ["r-0", "r-1", "r-2"]) {
        yield* log.run(threadId, c.start(turn), c.closeTurn(turn, "failed", failure))
      }
      const end = yield* log.run(threadId, c.start("r-3"), c.closeTurn("r-3"))
      const first = yield* read(threadId, end, { limit: 2 })
      expect(first.ids).toEqual(["r-2", "r-3"].map(c.askOf))
      const retried = yield* log.run(threadId, c.retry("r-2", "r-again"))
      const rest = yield* read(threadId, retried, { before: first.before! })
      expect(rest.ids).toEqual(["r-0", "r-1", "r-3"].map(c.askOf))
      expect((yield* read(threadId, retried)).ids).toEqual(["r-0", "r-1", "r-3", "r-2"].map(c.askOf))
    })
  )

  it.effect("are not there of a thread that nobody has heard of", () =>
    Effect.gen(function* () {
      const models = yield* ReadModels
      expect(yield* models.messages(DEFAULT_TENANT, ThreadId.make("unknown"))).toBe(undefined)
    })
  )

  it.effect("all of it equals the fold of the log", () => assertProjectionsEqualFold)
})
