import { ThreadId, type ThreadEvent } from "@spillway/contracts"
import { layer } from "@effect/vitest"
import { deepStrictEqual } from "node:assert/strict"
import { Effect, Fiber, type Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import fc from "fast-check"
import { ReadModels } from "../../ReadModels.ts"
import { arbitraryStep, eventsOf, type Step } from "../../testing/arbitraryHistory.ts"
import { assertProjectionsEqualFold } from "../../testing/assertProjectionsEqualFold.ts"
import { logStack } from "../../testing/readModelStack.ts"
import { differences } from "../../testing/rebuilds.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { evolve } from "../../thread/evolve.ts"
import * as PostgresReadModels from "../PostgresReadModels.ts"
import { threadTables } from "../threads/tables.ts"
import { rebuildProjections } from "./rebuild.ts"
import type { RebuildStep } from "./RebuildProgress.ts"

/** A process that projects, for as long as the effect runs. */
const projecting = Effect.provide(PostgresReadModels.layer, { local: true })

/** All rows of all tables, in an order. */
const allRows = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* Effect.forEach(Object.keys(threadTables), (table) =>
    sql.unsafe(`select row_to_json(x)::text as row from ${table} x order by row_to_json(x)::text collate "C"`)
  )
})

/** A part of the history; in how many pieces it is committed while a rebuild runs, and where that is cut off first. */
const part = fc.record({
  steps: fc.array(arbitraryStep, { minLength: 30, maxLength: 80 }),
  rebuild: fc.option(
    fc.record({
      behind: fc.nat(79),
      cutOff: fc.option(fc.constantFrom("threads", "indexes", "events", "switch"))
    })
  ),
  restart: fc.boolean()
})
type Part = typeof part extends fc.Arbitrary<infer A> ? A : never

const cutOff = (phase: RebuildStep["phase"]) =>
  Effect.exit(
    rebuildProjections(undefined, {
      onStep: (step) => {
        if (step.phase === phase) throw new Error("cut off")
      }
    })
  )

let runs = 0

const history = Effect.fnUntraced(function* (parts: ReadonlyArray<Part>) {
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

  const playPart = Effect.fnUntraced(function* ({ rebuild, steps }: Part) {
    if (rebuild === null) return yield* play(steps)
    yield* play(steps.slice(0, rebuild.behind))
    if (rebuild.cutOff !== null) yield* cutOff(rebuild.cutOff)
    // While it is built, what is left happens.
    const rebuilding = yield* Effect.forkChild(rebuildProjections(), { startImmediately: true })
    const position = yield* play(steps.slice(rebuild.behind))
    yield* Fiber.join(rebuilding)
    return position
  })

  /** The same process goes on, or another one comes, which remembers nothing. */
  const goOn = (parts: ReadonlyArray<Part>): Effect.Effect<void, unknown, Layer.Success<typeof logStack>> => {
    const until = parts.findIndex(({ restart }) => restart)
    const now = until === -1 ? parts : parts.slice(0, until + 1)
    const later = until === -1 ? [] : parts.slice(until + 1)
    return Effect.andThen(
      projecting(
        Effect.gen(function* () {
          const models = yield* ReadModels
          for (const part of now) {
            yield* models.waitFor(yield* playPart(part))
            deepStrictEqual(yield* differences, [])
          }
        })
      ),
      Effect.suspend(() => (later.length === 0 ? Effect.void : goOn(later)))
    )
  }
  yield* goOn(parts)

  const live = yield* allRows
  yield* rebuildProjections()
  deepStrictEqual(yield* allRows, live)
  deepStrictEqual(yield* differences, [])
})

layer(logStack, { excludeTestServices: true })("read models, rebuilt ones, and a fold of the log", (it) => {
  it.effect(
    "E9 are equal for any history, whenever they are rebuilt or cut off at it, while threads go on and processes come and go",
    () =>
      Effect.gen(function* () {
        const context = yield* Effect.context<Layer.Success<typeof logStack>>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(fc.array(part, { minLength: 2, maxLength: 4 }), (parts) =>
              Effect.runPromiseWith(context)(history(parts))
            ),
            { numRuns: 8 }
          )
        )
        yield* projecting(assertProjectionsEqualFold)
      }),
    120_000
  )
})
