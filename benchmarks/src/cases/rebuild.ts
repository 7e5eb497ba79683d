/** How fast read models are projected, rebuilt and checked, and what a rebuild by another process costs readers and writers. */
import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import {
  checkProjections,
  layerBeside,
  Postgres,
  PostgresReadModels,
  Publisher,
  ReadModels,
  type RebuildReport
} from "@spillway/orchestration"
import { commands as c, ThreadLog } from "@spillway/orchestration/testing"
import { Context, Effect, Fiber, Layer } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Redacted } from "effect"
import type { BenchmarkCase } from "../runner/BenchmarkCase.ts"
import { startDisposablePostgres } from "../runner/DisposablePostgres.ts"
import { prose } from "../runner/prose.ts"
import { quantile, round } from "../runner/statistics.ts"

const THREADS = 200
const TURNS = 4_000

/** Of each turn's answer, in characters, and in segments. */
const ANSWER = 1_500
const SEGMENTS = 3

/** How much faster than events are committed, waited for and read, turn after turn, a rebuild has to be. */
const LEAST_TIMES = 8

/** Turns that are written, waited for and read before anything is rebuilt. */
const PROBES = 400

/** The longest that readers may be kept waiting. Milliseconds. */
const MOST_LOCK = 250

const bin = fileURLToPath(new URL("../../../apps/server/src/bin.ts", import.meta.url))

const rebuildElsewhere = (databaseUrl: string) =>
  Effect.promise(
    () =>
      new Promise<RebuildReport>((resolve, reject) =>
        execFile(
          process.execPath,
          ["--conditions=@spillway/source", "--no-warnings", bin, "projections", "rebuild", "--json"],
          { env: { ...process.env, DATABASE_URL: databaseUrl } },
          (error, stdout, stderr) =>
            error === null
              ? resolve((JSON.parse(stdout) as { readonly projections: [RebuildReport] }).projections[0])
              : reject(new Error(stderr))
        )
      )
  )

const writer = Effect.gen(function* () {
  const log = yield* ThreadLog
  let turns = 0
  /** A whole turn, in two commits; answers the last position. */
  return Effect.fnUntraced(function* (prefix: string) {
    const i = turns++
    const turn = `${prefix}-${i}`
    const threadId = ThreadId.make(`${prefix}-${i % THREADS}`)
    const message = c.messageOf(turn)
    const generation = log.state(threadId).generation + 1
    const text = prose(i, ANSWER)
    const length = ANSWER / SEGMENTS
    yield* log.run(
      threadId,
      c.create(),
      c.start(turn),
      c.claim(turn, { generation }),
      c.openStep(turn),
      c.openMessage(turn)
    )
    return yield* log.run(
      threadId,
      ...Array.from({ length: SEGMENTS }, (_, k) =>
        c.append(message, text.slice(k * length, (k + 1) * length), { offset: k * length })
      ),
      c.closeMessage(message),
      c.closeStep(turn),
      c.closeTurn(turn)
    )
  })
})

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const began = performance.now()
    return Effect.map(effect, (value) => [value, performance.now() - began] as const)
  })

const run = Effect.gen(function* () {
  const { makeDatabase } = yield* startDisposablePostgres
  const { connection, url } = yield* makeDatabase("rebuild")
  const log = yield* Layer.build(
    ThreadLog.layer.pipe(Layer.provideMerge(Publisher.layer), Layer.provideMerge(Postgres.layer(connection)))
  )
  const turn = yield* Effect.provideContext(writer, log)
  let events = 0
  for (let i = 0; i < TURNS; i++) events = yield* turn("seed")

  const [projected, live] = yield* timed(
    Effect.gen(function* () {
      const context = yield* Effect.provideContext(Layer.build(PostgresReadModels.layer), log)
      const models = Context.get(context, ReadModels)
      yield* models.waitFor(events)
      return models
    })
  )

  /** A turn, and its thread read once the read models have it: how long the reading took, and all of it. Milliseconds. */
  const probe = Effect.gen(function* () {
    const began = performance.now()
    const position = yield* turn("probe")
    yield* projected.waitFor(position)
    const reads = performance.now()
    yield* projected.threads(DEFAULT_TENANT, { limit: 20 })
    const now = performance.now()
    return { read: now - reads, whole: now - began }
  })
  const [quiet, served] = yield* timed(Effect.forEach(Array.from({ length: PROBES }), () => probe))
  const rebuilding = yield* Effect.forkChild(rebuildElsewhere(url))
  const beside: Array<{ read: number; whole: number }> = []
  while (rebuilding.pollUnsafe() === undefined) beside.push(yield* probe)
  const rebuilt = yield* Fiber.join(rebuilding)
  const alone = yield* rebuildElsewhere(url)
  const [[checked], check] = yield* timed(
    Effect.provide(checkProjections(), layerBeside({ url: Redacted.make(url) }), { local: true })
  )

  const liveRate = events / (live / 1_000)
  const servedRate = ((events / TURNS) * PROBES) / (served / 1_000)
  const checkRate = checked!.events / (check / 1_000)
  const row = (what: string, probes: typeof beside) => ({
    "": what,
    probes: probes.length,
    "read, p50": quantile(
      probes.map(({ read }) => read),
      0.5
    ),
    "read, p99": quantile(
      probes.map(({ read }) => read),
      0.99
    ),
    "read, max": quantile(
      probes.map(({ read }) => read),
      1
    ),
    "turn written and read, p99": quantile(
      probes.map(({ whole }) => whole),
      0.99
    )
  })
  const longestLock = Math.max(rebuilt.longestLock, alone.longestLock)
  return {
    figures: {
      events,
      served: Math.round(servedRate),
      live: Math.round(liveRate),
      rebuild: alone.rate,
      rebuildUnderLoad: rebuilt.rate,
      check: Math.round(checkRate),
      rows: checked!.rows,
      differences: checked!.differences,
      longestLock,
      longestRead: round(
        quantile(
          beside.map(({ read }) => read),
          1
        ),
        1
      )
    },
    tables: [
      {
        title: `events a second, of ${events} events`,
        rows: [
          { "": "committed, projected and read, turn after turn", "events/s": servedRate },
          { "": "projected live, as fast as it can catch up", "events/s": liveRate },
          { "": "rebuilt, with a server that works", "events/s": rebuilt.rate },
          { "": "rebuilt, alone", "events/s": alone.rate },
          { "": "checked", "events/s": checkRate }
        ]
      },
      { title: "milliseconds", rows: [row("quiet", quiet), row("beside a rebuild", beside)] }
    ],
    checks: [
      {
        name: "rebuilt alone, times as fast as turns are served",
        value: alone.rate / servedRate,
        limit: LEAST_TIMES,
        is: "at least" as const
      },
      {
        name: "ms that readers waited for a switch",
        value: longestLock,
        limit: MOST_LOCK,
        is: "at most" as const
      },
      {
        name: "differences from the log, after all of it",
        value: checked!.differences,
        limit: 0,
        is: "at most" as const
      }
    ]
  }
})

export const rebuild: BenchmarkCase = {
  name: "rebuild",
  about: `A log of ${TURNS} turns in ${THREADS} threads, each with ${ANSWER} characters of answer. How fast the read models follow it, are rebuilt by \`spillway projections rebuild\`, with turns written and read meanwhile and alone, and are checked.`,
  run
}
