import { DEFAULT_TENANT, emptyThreadView, foldThread, ThreadId, type ThreadEvent } from "@spillway/contracts"
import { layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import fc from "fast-check"
import { EventLog } from "../EventLog.ts"
import { ReadModels } from "../ReadModels.ts"
import { arbitraryRolls, eventsOfRoll, evolved, type Roll } from "../testing/arbitraryHistory.ts"
import { assertProjectionsEqualFold, assertThreadEqualsFold } from "../testing/assertProjectionsEqualFold.ts"
import { logStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import * as PostgresReadModels from "./PostgresReadModels.ts"

/** A process that projects, for as long as the effect runs. */
const projecting = Effect.provide(PostgresReadModels.layer, { local: true })

const compare = Effect.fnUntraced(function* (threads: ReadonlyArray<ThreadId>, position: number) {
  const log = yield* EventLog
  const models = yield* ReadModels
  yield* models.waitFor(position)
  for (const threadId of threads) {
    const events = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion: 0, limit: 10_000 })
    if (events.length > 0)
      yield* assertThreadEqualsFold(DEFAULT_TENANT, foldThread(emptyThreadView(threadId), events))
  }
})

let runs = 0

/** Three threads, interleaved, over three runs of a process; the second begins behind the log. */
const history = Effect.fnUntraced(function* (rolls: ReadonlyArray<Roll>) {
  const log = yield* ThreadLog
  const run = runs++
  const threads = [0, 1, 2].map((i) => ThreadId.make(`run-${run}/thread-${i}`))
  let turns = 0

  const play = Effect.fnUntraced(function* (rolls: ReadonlyArray<Roll>) {
    let commit: Array<{ threadId: ThreadId; event: ThreadEvent }> = []
    const states = new Map(threads.map((threadId) => [threadId, log.state(threadId)]))
    const flush = Effect.suspend(() => {
      const events = commit
      commit = []
      return log.append(events)
    })
    for (const roll of rolls) {
      const threadId = threads[Math.floor(roll.pick / 7) % threads.length]!
      const events = eventsOfRoll(states.get(threadId)!, roll, `r${turns++}`)
      states.set(threadId, evolved(states.get(threadId)!, events))
      commit.push(...events.map((event) => ({ threadId, event })))
      if (roll.pick % 3 === 0) yield* flush
    }
    return yield* flush
  })

  const third = Math.ceil(rolls.length / 3)
  yield* projecting(Effect.flatMap(play(rolls.slice(0, third)), (position) => compare(threads, position)))
  const behind = yield* play(rolls.slice(third, 2 * third))
  yield* projecting(compare(threads, behind))
  yield* projecting(Effect.flatMap(play(rolls.slice(2 * third)), (position) => compare(threads, position)))
})

layer(logStack, { excludeTestServices: true, timeout: "60 seconds" })("read models and the fold", (it) => {
  it.effect(
    "A1 the read models equal the fold of the log, over restarts, for any history",
    () =>
      Effect.gen(function* () {
        const context = yield* Effect.context<EventLog | ThreadLog | Layer.Success<typeof logStack>>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(arbitraryRolls(180), (rolls) => Effect.runPromiseWith(context)(history(rolls))),
            { numRuns: 20 }
          )
        )
        yield* projecting(assertProjectionsEqualFold)
      }),
    120_000
  )
})
