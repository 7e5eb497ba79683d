/**
 * Everything of Spillway that is in Postgres, from one address: its tables brought up to date, a client that sees them for
 * the read models, the log, the wakes and the lease.
 */
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { type ConnectionOptions, connectionConfig } from "./connection.ts"
import { unreachable } from "./DatabaseError.ts"
import { migrate } from "./migrate.ts"
import * as OutageWatch from "./OutageWatch.ts"
import * as PostgresCommitSignal from "./PostgresCommitSignal.ts"
import * as PostgresEventLog from "./PostgresEventLog.ts"
import * as PostgresNodeLease from "./PostgresNodeLease.ts"

export interface PostgresOptions extends ConnectionOptions {
  /** Connections for reads and read models; appends, wakes and the lease have up to five of their own. Default: 10. */
  readonly maxConnections?: number | undefined
  readonly lease?: PostgresNodeLease.LeaseOptions | undefined
}

/** Fails with a `DatabaseError`, whose message is one sentence that says what to do. */
export const layer = ({ lease, maxConnections = 10, ...connection }: PostgresOptions) =>
  Layer.suspend(() => {
    // Built twice, it is two processes to each other.
    const writer = randomUUID()
    return Layer.mergeAll(
      PostgresEventLog.layer({ ...connection, writer }),
      PostgresCommitSignal.layer({ ...connection, writer }),
      PostgresNodeLease.layer({ ...connection, ...lease })
    )
  }).pipe(
    Layer.provideMerge(OutageWatch.layer),
    Layer.provideMerge(
      PgClient.layerFrom(
        PgClient.make({ ...connectionConfig(connection, "read"), maxConnections }).pipe(
          Effect.mapError(unreachable)
        )
      )
    ),
    Layer.provide(Layer.effectDiscard(migrate(connection)))
  )
