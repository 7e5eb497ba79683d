import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { type ConnectionOptions, connectionConfig } from "./connection.ts"
import { unreachable } from "./DatabaseError.ts"
import { expectMigrated } from "./migrate.ts"
import * as PostgresEventLog from "./PostgresEventLog.ts"

/** Connections: a rebuild holds one, reads through another and writes through a third. */
const CONNECTIONS = 4

/**
 * For what works on the database beside the servers, such as a rebuild: a client that sees the tables as they are, and the log. It
 * takes no lease and migrates nothing, and refuses tables of another version.
 */
export const layerBeside = (connection: ConnectionOptions) =>
  Layer.suspend(() => PostgresEventLog.layer({ ...connection, writer: randomUUID() })).pipe(
    Layer.provideMerge(
      PgClient.layerFrom(
        PgClient.make({ ...connectionConfig(connection, "projections"), maxConnections: CONNECTIONS }).pipe(
          Effect.mapError(unreachable)
        )
      )
    ),
    Layer.provide(Layer.effectDiscard(expectMigrated(connection)))
  )
