/**
 * Postgres stands still for a while, in the middle of everything. What runtimes report can't be committed, so their lanes fill up, the
 * server reads no more from its providers, and their sockets take no more: seen at providers that write as fast as they can.
 */
import type { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect } from "effect"
import type { Driver } from "./Driver.ts"
import type { LoadProvider } from "./LoadProvider.ts"
import type { startServer } from "./ServerProcess.ts"
import { waitUntil } from "./waitUntil.ts"

/** Milliseconds. */
const LONGEST = 10_000

/** Milliseconds for the hurried turns to be under way before the pause, and for their answers to be taken off afterwards. */
const LEAD_TIMEOUT = 30_000
const GO_ON_TIMEOUT = 60_000

/** Until the buffers between provider and server are full; what is accepted in the rest of the pause counts as read. Share of it. */
const FILLING = 0.5

export const pauseDatabase = Effect.fnUntraced(function* (options: {
  readonly postgres: EmbeddedPostgres["Service"]
  readonly driver: Driver
  readonly provider: LoadProvider
  readonly hurried: ReadonlyArray<number>
  readonly seconds: number
  readonly server: Effect.Success<ReturnType<typeof startServer>>
  readonly progress: (line: string) => void
}) {
  const { driver, hurried, postgres, progress, provider, server } = options
  const pause = Math.min(LONGEST, options.seconds * 100)
  const hurriedAnswers = () =>
    [...provider.answers.values()].filter(({ call }) => hurried.includes(call.thread))
  const accepted = () => hurriedAnswers().reduce((sum, { length }) => sum + length, 0)

  // Whether they end is seen at the end, as with all others.
  for (const thread of hurried) void driver.drive(thread, 1)
  yield* Effect.promise(() => waitUntil(() => hurriedAnswers().length === hurried.length, LEAD_TIMEOUT))

  progress(`Postgres stands still for ${pause / 1_000} s.`)
  yield* postgres.pause
  const pausedAt = performance.now()
  provider.hurry()
  yield* Effect.sleep(pause * FILLING)
  const acceptedBefore = accepted()
  yield* Effect.sleep(pause * (1 - FILLING))
  const acceptedWhileFull = accepted() - acceptedBefore
  const blocked = provider.blocked().filter(({ since }) => since < pausedAt + pause * FILLING).length
  const { inUse, rss } = yield* server.measure(0)
  const resumedAt = performance.now()
  yield* postgres.resume
  provider.calm()
  progress(`Postgres goes on; ${blocked} providers were kept waiting, ${inUse} events were in the lanes.`)

  const wentOn = yield* Effect.promise(() =>
    waitUntil(() => hurriedAnswers().every(({ complete }) => complete), GO_ON_TIMEOUT)
  )
  const wentOnAfter = performance.now() - resumedAt
  return {
    seconds: pause / 1_000,
    /** Of so many providers in a hurry … */
    hurried: hurried.length,
    /** … so many could not write a byte from the middle of the pause to its end. */
    blocked,
    charactersHandedOver: accepted(),
    charactersHandedOverWhileFull: acceptedWhileFull,
    eventsInLanes: inUse,
    rssMebibytes: Math.round(rss / 1024 / 1024),
    wentOnAfterSeconds: Math.round(wentOnAfter) / 1_000,
    stopped: blocked === hurried.length && acceptedWhileFull === 0,
    wentOn
  }
})
