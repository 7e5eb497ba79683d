/** Postgres, the publisher and the read models, on a database of their own. */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Layer } from "effect"
import * as Postgres from "../postgres/Postgres.ts"
import * as PostgresReadModels from "../projections/PostgresReadModels.ts"
import { Publisher } from "../Publisher.ts"
import { ThreadLog } from "./ThreadLog.ts"

/** What a process has of a database. */
export const process = Layer.unwrap(Effect.map(TestDatabase, ({ url }) => Postgres.layer({ url })))

/** The log and a writer of threads, without read models. */
export const logStack = ThreadLog.layer.pipe(
  Layer.provideMerge(Publisher.layer),
  Layer.provideMerge(process),
  Layer.provideMerge(TestDatabase.layer)
)

export const readModelStack = Layer.provideMerge(PostgresReadModels.layer, logStack)
