import { DEFAULT_TENANT, MessageId, ThreadId, TurnId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Publisher } from "../Publisher.ts"
import { ReadModels } from "../ReadModels.ts"
import { assertProjectionsEqualFold } from "../testing/assertProjectionsEqualFold.ts"
import * as c from "../testing/commands.ts"
import { logStack, process } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import * as PostgresReadModels from "./PostgresReadModels.ts"

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Another process on the same database. */
const startProcess = Effect.gen(function* () {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const context = yield* Layer.buildWithScope(
    Layer.fresh(
      PostgresReadModels.layer.pipe(Layer.provideMerge(Publisher.layer), Layer.provideMerge(process))
    ).pipe(Layer.provide(Layer.succeed(TestDatabase, yield* TestDatabase))),
    scope
  )
  return { models: Context.get(context, ReadModels), scope, context }
})

layer(logStack, { excludeTestServices: true })("read models of several processes", (it) => {
  it.effect(
    "two processes that project one database at once do no harm, and either goes on without the other",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const talk = Effect.fnUntraced(function* (round: number) {
          let position = 0
          for (const i of range(0, 40)) {
            const turn = `turn-${round}-${i}`
            const message = c.messageOf(turn)
            const threadId = ThreadId.make(`thread-${round}-${i % 8}`)
            const generation = log.state(threadId).generation + 1
            position = yield* log.run(
              threadId,
              c.create(),
              c.start(turn),
              c.claim(turn, { generation }),
              c.openStep(turn)
            )
            position = yield* log.run(threadId, c.openMessage(turn), c.append(message, "one, "))
            position = yield* log.run(threadId, c.append(message, "two", { offset: 5 }), c.closeTurn(turn))
          }
          return position
        })
        yield* talk(0)
        const [one, two] = yield* Effect.all([startProcess, startProcess], { concurrency: 2 })
        const both = yield* talk(1)
        yield* Effect.all([one.models.waitFor(both), two.models.waitFor(both)], { concurrency: 2 })
        yield* Effect.provideContext(assertProjectionsEqualFold, one.context)

        yield* Scope.close(one.scope, Exit.void)
        yield* two.models.waitFor(yield* talk(2))
        const three = yield* startProcess
        yield* Scope.close(two.scope, Exit.void)
        yield* three.models.waitFor(yield* talk(3))
        yield* Effect.provideContext(assertProjectionsEqualFold, three.context)
      })
  )

  it.effect("an event that the tables can't hold stops them there, for all to see", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const { models, scope } = yield* startProcess
      const thread = ThreadId.make("poisoned")
      const turnId = TurnId.make("poisoned-turn")
      const before = yield* log.run(thread, c.create(), c.start(turnId))
      // No text with NUL comes through the engine; this one was written past it.
      const poison = yield* log.append([
        {
          threadId: thread,
          event: {
            type: "thread.message-sent",
            data: { messageId: MessageId.make("nul"), turnId, role: "user", text: "a\0b" }
          }
        }
      ])
      const after = yield* log.run(ThreadId.make("innocent"), c.create())
      const failure = yield* Effect.flip(models.waitFor(after))
      expect(failure).toMatchObject({
        _tag: "ProjectionFailed",
        projection: "threads",
        checkpoint: poison - 1
      })
      yield* models.waitFor(before)
      expect(yield* models.status).toEqual([
        { projection: "threads", checkpoint: poison - 1, failed: failure.message }
      ])
      expect((yield* models.thread(DEFAULT_TENANT, thread))!.view.turns[0]!.messages).toHaveLength(1)
      yield* Scope.close(scope, Exit.void)

      // It is still so for whoever comes later.
      const later = yield* startProcess
      expect(yield* Effect.flip(later.models.waitFor(after))).toEqual(failure)
    })
  )
})
