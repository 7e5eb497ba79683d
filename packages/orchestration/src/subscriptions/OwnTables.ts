/**
 * A client of the log's database for tables that are not Spillway's: names without a schema are in
 * `public`. (A server's own default would look in Spillway's schema first where the database user has its name.) As a subscription's `transaction` it writes them together with the checkpoint.
 */
import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer } from "effect"
import { type ConnectionOptions, connectionConfig } from "../postgres/connection.ts"
import { unreachable } from "../postgres/DatabaseError.ts"

/** Connections, each opened when it is needed and closed a minute after. */
const MAX_CONNECTIONS = 4

export class OwnTables extends Context.Service<OwnTables, PgClient.PgClient>()(
  "@spillway/orchestration/OwnTables"
) {
  static readonly layer = (options: ConnectionOptions) => {
    const { startupParameters, ...address } = connectionConfig(options, "own tables")
    const client = PgClient.layerFrom(
      Effect.mapError(
        PgClient.make({
          ...address,
          startupParameters: { ...startupParameters, search_path: "public" },
          maxConnections: MAX_CONNECTIONS
        }),
        unreachable
      )
    )
    return Layer.effect(OwnTables, PgClient.PgClient).pipe(Layer.provide(client))
  }
}
