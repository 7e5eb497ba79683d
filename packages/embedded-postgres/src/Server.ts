/** A running postmaster: start, stop, start again when it ended by another hand, and the ways to hurt it that tests need. */
import { Clock, Deferred, Effect, Latch, Schedule, type Scope } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs/promises"
import * as Net from "node:net"
import * as Path from "node:path"
import * as DataDirectory from "./DataDirectory.ts"
import * as Guarded from "./Guarded.ts"
import type { Identity } from "./Privileges.ts"
import { signalAll } from "./processGroup.ts"
import { fromOutput, type PostgresFailed, postgresFailed, type StartError } from "./StartError.ts"

export interface Settings {
  readonly binary: string
  readonly data: string
  readonly identity: Identity
  readonly socketDirectory: string
  readonly scratch: string | undefined
  readonly tcp: boolean
  readonly durable: boolean
  readonly startTimeout: number
  readonly stopTimeout: number
  /** Starts again what ended by another hand. */
  readonly keepRunning: boolean
}

export interface Server {
  readonly port: number
  readonly pid: Effect.Effect<number>
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly kill: Effect.Effect<void>
  readonly restart: Effect.Effect<void, StartError>
}

/** The name of the socket's file, where no TCP port says otherwise. */
const socketPort = 5432

export const start = Effect.fnUntraced(function* (
  settings: Settings
): Effect.fn.Return<Server, StartError, Scope.Scope> {
  const services = yield* Effect.context<never>()
  const log = (line: string) => void Effect.runForkWith(services)(Effect.logDebug(line))
  let current: Guarded.Guarded | undefined
  /** Open while it is to run: not while it is stopped, was killed from here, or starts. */
  const wanted = yield* Latch.make()

  const stop = Effect.suspend(() => {
    wanted.closeUnsafe()
    if (current === undefined) return Effect.void
    const running = current
    return Effect.ensuring(shutDown(running, settings), running.release)
  })

  /** Stops what runs, then starts, and returns when connections are accepted. */
  const launch = (port: number): Effect.Effect<void, StartError> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        yield* stop
        const ready = yield* Deferred.make<void>()
        current = yield* Guarded.start({
          command: settings.binary,
          args: (place) => ["-D", place, ...settingsOf(settings, port)],
          data: settings.data,
          identity: settings.identity,
          scratch: settings.scratch,
          onLine: (line) => {
            log(line)
            if (line.includes("database system is ready to accept connections")) {
              Deferred.doneUnsafe(ready, Effect.void)
            }
          }
        })
        const failed = Effect.flatMap(Deferred.await(current.exited), (exit) =>
          Effect.fail(fromOutput("Postgres did not start", settings.data, exit))
        )
        yield* Effect.raceFirst(Deferred.await(ready), failed).pipe(
          Effect.timeoutOrElse({
            duration: settings.startTimeout,
            orElse: () =>
              Effect.fail(postgresFailed(`Postgres did not start within ${settings.startTimeout} ms`, ""))
          }),
          restore
        )
        wanted.openUnsafe()
      })
    )

  /** Somebody may have been faster to lock the directory or to bind the port. */
  const launchAgain = (attempts: number): Effect.Effect<number, StartError> =>
    Effect.gen(function* () {
      const port = settings.tcp ? yield* freePort : socketPort
      return yield* launch(port).pipe(
        Effect.as(port),
        Effect.catchTag("PostgresFailed", (error) =>
          attempts > 1 && isInTheWay(error)
            ? Effect.andThen(DataDirectory.awaitFree(settings.data), launchAgain(attempts - 1))
            : Effect.fail(error)
        )
      )
    })

  yield* Effect.addFinalizer(() => stop)
  const port = yield* launchAgain(3)

  /** Until it runs, however long that takes; each reason why it does not is said once. */
  const startAgain = Effect.suspend(() => {
    let said = ""
    return launch(port).pipe(
      Effect.tapError((error) => {
        // Those of its processes that were left behind are about to notice.
        if (error.message === said || (error._tag === "PostgresFailed" && isInTheWay(error)))
          return Effect.void
        said = error.message
        return Effect.logError(`Postgres can't be started again. ${error.message}`)
      }),
      Effect.retry(Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")]))
    )
  })

  const keepRunning = Effect.gen(function* () {
    while (true) {
      const running = current!
      const { code, signal } = yield* Deferred.await(running.exited)
      const isMeant = !wanted.isOpen()
      yield* wanted.await
      if (isMeant || current !== running) continue
      const endedAt = yield* Clock.currentTimeMillis
      yield* Effect.logWarning(
        `Postgres has ended (${signal ?? `exit code ${code}`}) and is started again. What was committed is kept.`
      )
      yield* startAgain
      const seconds = (((yield* Clock.currentTimeMillis) - endedAt) / 1_000).toFixed(1)
      yield* Effect.logInfo(`Postgres runs again after ${seconds} s.`)
    }
  })
  if (settings.keepRunning) yield* Effect.forkScoped(keepRunning)

  const signal = (name: "SIGSTOP" | "SIGCONT") =>
    Effect.sync(() => {
      if (current?.running()) signalAll(current.pid, name)
    })
  return {
    port,
    pid: Effect.suspend(() =>
      current === undefined ? Effect.die("never started") : Effect.succeed(current.pid)
    ),
    pause: signal("SIGSTOP"),
    resume: signal("SIGCONT"),
    kill: Effect.suspend(() => {
      wanted.closeUnsafe()
      return current === undefined ? Effect.void : kill(current, settings)
    }),
    restart: launch(port)
  }
})

/** Another Postgres, or what is left of one, holds the directory or the port. */
const isInTheWay = (error: PostgresFailed): boolean =>
  /lock file "postmaster.pid"|could not bind|pre-existing shared memory block/.test(error.output)

const settingsOf = (settings: Settings, port: number): ReadonlyArray<string> =>
  Object.entries({
    [DataDirectory.launcherSetting]: process.pid,
    port,
    listen_addresses: settings.tcp ? "127.0.0.1" : "",
    unix_socket_directories: `"${settings.socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    // In files of the data directory, not in /dev/shm: nothing leaks from a kill, and containers have little of it.
    dynamic_shared_memory_type: "mmap",
    fsync: settings.durable ? "on" : "off",
    full_page_writes: settings.durable ? "on" : "off",
    synchronous_commit: "on",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off"
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`])

/** A fast shutdown: sessions are ended, committed data is on disk. SIGKILL only after `stopTimeout`. */
const shutDown = (server: Guarded.Guarded, settings: Settings) =>
  Effect.suspend(() => {
    if (server.running()) signalAll(server.pid, "SIGCONT")
    server.signal("SIGINT")
    return Deferred.await(server.exited).pipe(
      Effect.timeoutOrElse({ duration: settings.stopTimeout, orElse: () => kill(server, settings) }),
      Effect.asVoid
    )
  })

const kill = (server: Guarded.Guarded, settings: Settings) =>
  Effect.suspend(() => {
    if (!server.running()) return Effect.void
    signalAll(server.pid, "SIGKILL")
    return Effect.andThen(Deferred.await(server.exited), removeSharedMemory(settings.data))
  })

/** A postmaster that was killed leaves its interlock segment of 56 bytes to the kernel; its lock file names it. */
const removeSharedMemory = (data: string) =>
  Effect.promise(async () => {
    const lock = await Fs.readFile(Path.join(data, "postmaster.pid"), "utf8").catch(() => "")
    const id = lock.split("\n")[6]?.trim().split(/\s+/)[1]
    if (id !== undefined) await new Promise<void>((resolve) => execFile("ipcrm", ["-m", id], () => resolve()))
  })

const freePort = Effect.callback<number>((resume) => {
  const probe = Net.createServer()
  probe.listen(0, "127.0.0.1", () => {
    const { port } = probe.address() as Net.AddressInfo
    probe.close(() => resume(Effect.succeed(port)))
  })
})
