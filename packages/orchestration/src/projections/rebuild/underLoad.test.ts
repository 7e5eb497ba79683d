import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { assertThreadEqualsFold } from "../../testing/assertProjectionsEqualFold.ts"
import * as c from "../../testing/commands.ts"
import { logStack } from "../../testing/readModelStack.ts"
import { differences, fill, spawnRebuild, startProcess } from "../../testing/rebuilds.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { threadAt } from "../../threadAt.ts"

layer(logStack, { excludeTestServices: true })("a rebuild by another process", (it) => {
  it.effect(
    "E9 goes unnoticed by two processes that append, project, wait for what they wrote, read and search all the while",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        yield* fill("filled", 12_000)
        const [one, two] = yield* Effect.all([startProcess, startProcess], { concurrency: 2 })
        const both = [one.models, two.models]
        let rounds = 0

        /** Something is said in a thread, and every process has it at once: in the thread, in the list and in the search. */
        const round = Effect.gen(function* () {
          const i = rounds++
          const turn = `turn-${i}`
          const threadId = ThreadId.make(`thread-${i % 5}`)
          const generation = log.state(threadId).generation + 1
          const message = c.messageOf(turn)
          yield* log.run(threadId, c.create(), c.start(turn), c.claim(turn, { generation }), c.openStep(turn))
          const position = yield* log.run(
            threadId,
            c.openMessage(turn),
            c.append(message, `It is word${i} indeed`),
            c.closeTurn(turn)
          )
          const { version } = log.state(threadId)
          for (const models of both) {
            yield* models.waitFor(position)
            const read = yield* models.thread(DEFAULT_TENANT, threadId)
            expect(read!.view.version).toBe(version)
            expect(read!.view.turns.at(-1)!.status).toBe("completed")
            const [summary] = yield* models.summaries(DEFAULT_TENANT, [threadId])
            expect(summary!.preview).toBe(`It is word${i} indeed`)
            const { hits } = yield* models.search(DEFAULT_TENANT, { query: `word${i}` })
            expect(hits).toMatchObject([{ type: "message", threadId, messageId: message }])
            // The whole list, through the statements that were prepared before.
            const ids = (yield* models.threads(DEFAULT_TENANT, { limit: 100 })).map(
              (thread) => thread.threadId
            )
            expect(ids).toHaveLength(50 + Math.min(5, rounds))
            expect(ids).toContain(threadId)
          }
        })

        for (const _ of [1, 2]) {
          const before = rounds
          const rebuilding = yield* Effect.forkChild(Effect.flatMap(spawnRebuild(), ({ report }) => report))
          while (rebuilding.pollUnsafe() === undefined) yield* round
          const report = yield* Fiber.join(rebuilding)
          expect(rounds).toBeGreaterThan(before)
          expect(report.events).toBeGreaterThan(12_000)
          yield* round
          expect(yield* differences).toEqual([])
        }
        for (const i of [0, 1, 2, 3, 4]) {
          const threadId = ThreadId.make(`thread-${i}`)
          const view = yield* threadAt(DEFAULT_TENANT, threadId, log.state(threadId).version)
          yield* Effect.provideContext(assertThreadEqualsFold(DEFAULT_TENANT, view!), two.context)
        }
      }),
    60_000
  )
})
