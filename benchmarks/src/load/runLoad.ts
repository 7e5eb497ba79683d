/** The load from its beginning to its verdict. */
import { checkProjections, layerBeside } from "@spillway/orchestration"
import { Effect } from "effect"
import { startDisposablePostgres } from "../runner/DisposablePostgres.ts"
import { round } from "../runner/statistics.ts"
import { compareTexts, turnText } from "./compareTexts.ts"
import { Driver } from "./Driver.ts"
import { listen, LoadProvider } from "./LoadProvider.ts"
import { growthOf, type MemorySample } from "./memory.ts"
import { pauseDatabase } from "./pauseDatabase.ts"
import { threadIdOf } from "./script.ts"
import { startServer } from "./ServerProcess.ts"
import { waitUntil } from "./waitUntil.ts"
import { Watcher } from "./Watcher.ts"

export interface LoadOptions {
  readonly threads: number
  readonly seconds: number
  readonly watchers: number
  readonly progress: (line: string) => void
}

/** Beside the threads of the load: one of each mode whose provider writes in a hurry while the database stands still. */
const HURRIED = 3

/** A watcher looks at no more threads than one socket may subscribe to. */
const SNAPSHOTS_PER_SOCKET = 50

/** Milliseconds for what is under way at the end of the time. */
const WIND_UP_TIMEOUT = 90_000

/** Seconds between two measurements, each of which collects all garbage of the server. */
const SHORTEST_INTERVAL = 2

const MEGABYTE = 1024 * 1024

export const runLoad = Effect.fnUntraced(function* ({
  progress,
  seconds,
  threads,
  watchers: count
}: LoadOptions) {
  const { makeDatabase, postgres } = yield* startDisposablePostgres
  const database = yield* makeDatabase("load")
  const hurried = Array.from({ length: HURRIED }, (_, i) => threads + i)
  const all = Array.from({ length: threads + HURRIED }, (_, i) => i)
  const provider = new LoadProvider(new Set(hurried))
  const server = yield* startServer({ databaseUrl: database.url, providerUrl: yield* listen(provider) })
  progress(`The server answers at ${server.url}.`)

  const driver = yield* closing(new Driver(server.url))
  yield* Effect.promise(() => Promise.all(all.map((thread) => driver.create(thread))))
  const watchers = yield* Effect.forEach(Array.from({ length: count }), (_, i) =>
    closing(new Watcher(server.url, all.filter((thread) => thread % count === i).map(threadIdOf)))
  )

  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1_000
  const until = (second: number) =>
    Effect.suspend(() => Effect.sleep(Math.max(0, (second - elapsed()) * 1_000)))

  const samples: Array<MemorySample> = []
  const sampling = Effect.gen(function* () {
    const interval = Math.max(SHORTEST_INTERVAL, seconds / 50)
    for (let at = interval; at <= seconds; at += interval) {
      yield* until(at)
      const { cpuSeconds, heapUsed, inUse, rss, sessions } = yield* server.measure(2)
      samples.push({ at: elapsed(), rss, heapUsed })
      progress(
        `${elapsed().toFixed(0)} s: ${sessions} sessions, ${driver.ended.completed} turns done, ${provider.characters} characters, ${inUse} events in lanes, RSS ${round(rss / MEGABYTE)} MiB, heap ${round(heapUsed / MEGABYTE)} MiB, ${cpuSeconds.toFixed(1)} s of processor`
      )
    }
  })

  /** A network loses connections now and then; nothing may be lost with them. */
  const losing = Effect.gen(function* () {
    yield* until(seconds * 0.3)
    for (const watcher of watchers.slice(0, Math.ceil(count / 10))) watcher.connection.drop()
  })

  const driving = Effect.promise(() =>
    Promise.all(
      all.slice(0, threads).map(async (thread) => {
        // Turns do not begin all at once.
        await new Promise((resolve) =>
          setTimeout(resolve, (thread / threads) * Math.min(5_000, seconds * 100))
        )
        await driver.drive(thread)
      })
    )
  )
  const pausing = Effect.andThen(
    until(seconds / 2),
    pauseDatabase({ postgres, driver, provider, hurried, seconds, server, progress })
  )

  const [, , pause] = yield* Effect.all(
    [
      sampling,
      losing,
      pausing,
      Effect.forkScoped(driving),
      Effect.andThen(
        until(seconds),
        Effect.sync(() => driver.stop())
      )
    ],
    { concurrency: "unbounded" }
  )

  provider.windUp()
  yield* Effect.promise(() => waitUntil(() => driver.running === 0 && provider.open === 0, WIND_UP_TIMEOUT))
  const isUpToDate = () =>
    watchers.every(({ views }) =>
      [...views].every(([threadId, { version }]) => version === driver.versions.get(threadId))
    )
  const upToDate = yield* Effect.promise(() => waitUntil(isUpToDate, WIND_UP_TIMEOUT))
  const end = yield* server.measure(2)
  progress(`All turns are over after ${elapsed().toFixed(0)} s; comparing texts.`)

  const seen = new Map(watchers.flatMap(({ views }) => [...views]))
  const readers: Array<Watcher> = []
  for (let i = 0; i < all.length; i += SNAPSHOTS_PER_SOCKET) {
    readers.push(
      yield* closing(new Watcher(server.url, all.slice(i, i + SNAPSHOTS_PER_SOCKET).map(threadIdOf)))
    )
  }
  const isRead = () =>
    readers.every(({ views }) =>
      [...views].every(([threadId, { version }]) => version === driver.versions.get(threadId))
    )
  yield* Effect.promise(() => waitUntil(isRead, WIND_UP_TIMEOUT))
  const read = new Map(readers.flatMap(({ views }) => [...views]))

  const { texts } = driver
  const mismatched = {
    log: compareTexts(provider.answers, (turnId) => texts.get(turnId) ?? ""),
    readModels: compareTexts(provider.answers, (turnId, threadId) => turnText(read.get(threadId), turnId)),
    watchers: compareTexts(provider.answers, (turnId, threadId) => turnText(seen.get(threadId), turnId))
  }
  const surprises = [
    ...driver.surprises,
    ...driver.unended.map(
      ({ last, turnId }) => `${turnId} has not ended; the last event of its thread is ${last}`
    ),
    ...[driver, ...watchers, ...readers].flatMap(({ connection }) => connection.errors),
    ...Object.entries(mismatched).flatMap(([where, list]) =>
      list.map(
        ({ at, expected, found, turnId }) =>
          `${where}: ${turnId} differs at ${at} (${found} of ${expected} characters)`
      )
    )
  ]
  const checked = yield* Effect.provide(checkProjections(), layerBeside(database.connection))
  const memory = growthOf(samples, seconds)
  const incomplete = [...provider.answers.values()].filter(({ complete }) => !complete).length
  const holds = {
    everyTurnCompleted: driver.ended.completed === driver.started && provider.answers.size === driver.started,
    everyAnswerReadToItsEnd: incomplete === 0 && provider.unexpected === 0,
    textsExact: Object.values(mismatched).every((list) => list.length === 0) && provider.characters > 0,
    readModelsEqualLog: checked.every(({ differences }) => differences === 0),
    watchersUpToDate: upToDate,
    memoryFlat: memory.isFlat,
    queuesBounded: end.peakInUse <= end.limits.inUse && end.peakLane <= end.limits.lane && end.inUse === 0,
    readingStoppedAndWentOn: pause.stopped && pause.wentOn,
    nothingUnexpected: surprises.length === 0
  }
  return {
    ok: Object.values(holds).every(Boolean),
    holds,
    threads,
    seconds,
    watchers: count,
    turns: { started: driver.started, ...driver.ended, stuck: driver.running },
    characters: provider.characters,
    serverCpuSeconds: round(end.cpuSeconds, 1),
    mismatched: {
      log: mismatched.log.length,
      readModels: mismatched.readModels.length,
      watchers: mismatched.watchers.length
    },
    checked: checked.map(({ differences, events, named, rows }) => ({ events, rows, differences, named })),
    memory: {
      measured: memory.measured,
      secondFifth: round(memory.second / MEGABYTE, 1),
      lastFifth: round(memory.last / MEGABYTE, 1),
      ratio: round(memory.ratio, 3),
      mebibytes: samples.map(({ at, heapUsed, rss }) => ({
        at: round(at),
        rss: round(rss / MEGABYTE),
        heap: round(heapUsed / MEGABYTE)
      }))
    },
    queues: {
      peakInUse: end.peakInUse,
      mostInUse: end.limits.inUse,
      peakLane: end.peakLane,
      mostLane: end.limits.lane,
      leftOver: end.inUse
    },
    pause,
    liveFrames: watchers.reduce((sum, { liveFrames }) => sum + liveFrames, 0),
    reconnects: watchers.reduce((sum, { connection }) => sum + connection.reconnects, 0),
    surprises: surprises.slice(0, 20)
  }
})

export type LoadResult = Effect.Success<ReturnType<typeof runLoad>>

const closing = <A extends { readonly connection: { readonly close: () => void } }>(one: A) =>
  Effect.as(
    Effect.addFinalizer(() => Effect.sync(() => one.connection.close())),
    one
  )
