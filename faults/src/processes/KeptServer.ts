/**
 * The server as a supervisor keeps it: whenever its process ends, another one is started. Behind its proxy it has one address all the time.
 */
import { Deferred, Effect, Exit } from "effect"
import type { ServerKill } from "../evidence/Evidence.ts"
import { killServer, type ServerProcess, startServer } from "./ServerProcess.ts"
import type { PlantedBreak } from "../server/ServerArguments.ts"
import type { TcpProxy } from "./TcpProxy.ts"

/** Milliseconds between an end that nobody asked for and the next start. */
const PAUSE = 250

export interface KeptServer {
  /** kill -9 of the process, once it answers unless `atOnce`. Returns when it is gone; another one is started `pause` later. */
  readonly kill: (pause: number, atOnce: boolean) => Effect.Effect<void>
  /** Resolves when a process answers. */
  readonly ready: Effect.Effect<void>
  readonly kills: ReadonlyArray<ServerKill>
  /** Where the text of each process was written down, in the order of their starts. */
  readonly textLedgers: ReadonlyArray<string>
  /** Ends that nobody asked for after the server had answered, and what it said. */
  readonly endedByItself: ReadonlyArray<string>
  /** What it wrote to its log as an error. An outage is none. */
  readonly errors: ReadonlyArray<string>
}

export const keepServer = Effect.fnUntraced(function* (options: {
  readonly databaseUrl: string
  readonly breaks: PlantedBreak | null
  readonly runtimeToken: string
  readonly proxy: TcpProxy
  readonly textLedger: (process: number) => string
  readonly said: (text: string) => void
}) {
  const { proxy } = options
  const kills: Array<ServerKill> = []
  const textLedgers: Array<string> = []
  const endedByItself: Array<string> = []
  const errors: Array<string> = []
  const said = (text: string, isError: boolean) => {
    options.said(text)
    if (isError) errors.push(text)
  }
  let current: { readonly process: ServerProcess; readonly number: number } | undefined
  let pause = PAUSE
  let next = Deferred.makeUnsafe<void>()

  const runOnce = Effect.gen(function* () {
    const number = textLedgers.length
    const textLedger = options.textLedger(number)
    textLedgers.push(textLedger)
    pause = PAUSE
    const { breaks, databaseUrl, runtimeToken } = options
    const process = yield* startServer({ servers: [{ databaseUrl, textLedger, breaks, runtimeToken }] }, said)
    current = { process, number }
    Deferred.doneUnsafe(next, Effect.void)
    next = Deferred.makeUnsafe<void>()
    const ports = yield* Effect.exit(Deferred.await(process.ready))
    proxy.target = Exit.isSuccess(ports) ? ports.value[0]! : null
    const message = yield* Deferred.await(process.ended)
    proxy.target = null
    if (Exit.isSuccess(ports) && !kills.some((kill) => kill.process === number)) endedByItself.push(message)
  }).pipe(Effect.scoped)

  yield* Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        runOnce,
        Effect.suspend(() => Effect.sleep(pause))
      )
    ),
    { startImmediately: true }
  )

  /** The process that runs, once it answers. One that ends before is followed by another. */
  const answering: Effect.Effect<NonNullable<typeof current>> = Effect.suspend(() => {
    if (current === undefined) return Effect.andThen(Deferred.await(next), answering)
    const one = current
    return Effect.flatMap(Effect.exit(Deferred.await(one.process.ready)), (exit) =>
      Exit.isSuccess(exit) && !kills.some((kill) => kill.process === one.number)
        ? Effect.succeed(one)
        : Effect.andThen(current === one ? Deferred.await(next) : Effect.void, answering)
    )
  })

  const kept: KeptServer = {
    kill: (wanted, atOnce) =>
      Effect.gen(function* () {
        const one = atOnce && current !== undefined ? current : yield* answering
        pause = wanted
        // It is noted before it is done, so that nobody takes the end for the server's own.
        const kill = { process: one.number, at: 0 }
        kills.push(kill)
        kill.at = yield* killServer(one.process)
      }),
    ready: Effect.asVoid(answering),
    kills,
    textLedgers,
    endedByItself,
    errors
  }
  return kept
})
