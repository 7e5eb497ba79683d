import { DEFAULT_TENANT, emptyThreadView, foldThread, ThreadId, type ThreadEvent } from "@spillway/contracts"
import { layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import fc from "fast-check"
import { EventLog } from "../EventLog.ts"
import { ReadModels } from "../ReadModels.ts"
import { arbitraryStep, eventsOf, type Step } from "../testing/arbitraryHistory.ts"
import { assertProjectionsEqualFold, assertThreadEqualsFold } from "../testing/assertProjectionsEqualFold.ts"
import { logStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import { evolve } from "../thread/evolve.ts"
import * as PostgresReadModels from "./PostgresReadModels.ts"

/** A process that projects, for as long as the effect runs. */
const projecting = Effect.provide(PostgresReadModels.layer, { local: true })

const compare = Effect.fnUntraced(function* (threads: ReadonlyArray<ThreadId>, position: number) {
  const log = yield* EventLog
  const models = yield* ReadModels
  yield* models.waitFor(position)
  for (const threadId of threads) {
    const events = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion: 0, limit: 10_000 })
    if (events.length === 0) continue
    yield* assertThreadEqualsFold(DEFAULT_TENANT, foldThread(emptyThreadView(threadId), events))
  }
})

let runs = 0

/** Three threads, interleaved, over three runs of a process; the second one begins behind the log. */
const history = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
  const log = yield* ThreadLog
  const run = runs++
  const threads = [0, 1, 2].map((i) => ThreadId.make(`run-${run}/thread-${i}`))
  yield* log.append(threads.map((threadId) => ({ threadId, event: { type: "thread.created", data: {} } })))

  const play = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
    const states = new Map(threads.map((threadId) => [threadId, log.state(threadId)]))
    const commit: Array<{ threadId: ThreadId; event: ThreadEvent }> = []
    const flush = Effect.suspend(() => log.append(commit.splice(0)))
    for (const step of steps) {
      const threadId = threads[step.thread]!
      for (const event of eventsOf(states.get(threadId)!, step)) {
        states.set(threadId, evolve(states.get(threadId)!, event))
        commit.push({ threadId, event })
      }
      if (step.commit) yield* flush
    }
    return yield* flush
  })

  const third = Math.ceil(steps.length / 3)
  const parts = [0, 1, 2].map((i) => play(steps.slice(i * third, (i + 1) * third)))
  yield* projecting(Effect.flatMap(parts[0]!, (position) => compare(threads, position)))
  const behind = yield* parts[1]!
  yield* projecting(compare(threads, behind))
  yield* projecting(Effect.flatMap(parts[2]!, (position) => compare(threads, position)))
})

layer(logStack, { excludeTestServices: true })("the read models and the fold", (it) => {
  it.effect(
    "A1 the read models equal the fold of the log, over restarts, for any history",
    () =>
      Effect.gen(function* () {
        const context = yield* Effect.context<Layer.Success<typeof logStack>>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(arbitraryStep, { minLength: 300, maxLength: 400 }), (steps) =>
              Effect.runPromiseWith(context)(history(steps))
            ),
            { numRuns: 30 }
          )
        )
        yield* projecting(assertProjectionsEqualFold)
      }),
    120_000
  )
})
