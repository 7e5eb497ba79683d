/** How Spillway connects: where to, and with which settings of the session. */
import type { PgConnection } from "@effect/sql-pg"
import type { Redacted } from "effect"

export interface ConnectionOptions {
  /** `postgres://user@host/database`. Fields beside it win over what it says. */
  readonly url?: Redacted.Redacted | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly username?: string | undefined
  readonly password?: Redacted.Redacted | undefined
  /** Where Spillway's tables are; made if there is none. Lower case letters, digits and `_`. Default: `spillway`. */
  readonly schema?: string | undefined
}

export const DEFAULT_SCHEMA = "spillway"

/** Shows in `pg_stat_activity` what a connection is for. */
export type Purpose = "read" | "append" | "lease" | "listen" | "migrate" | "own tables" | "projections"

/**
 * The append looks rows up by key only: a plan made while a table was small must not scan it once it is large, and the one
 * plan is as good for any number of rows, so that planning again for each costs more than it brings.
 */
const APPEND_PLANS = { enable_seqscan: "off", plan_cache_mode: "force_generic_plan" }

/**
 * A connection on which nothing is heard is looked after by both sides, and is gone after 20 s or 25 s without a sign: else the server
 * would keep the locks of a client that is not there any more.
 */
const KEEP_ALIVE = "10 seconds"
const SERVER_KEEP_ALIVE = {
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3"
}

/**
 * What the server ends by itself, in milliseconds: a transaction whose client says nothing, of those that only wait for us; and an append
 * that waits for the log's head behind one whose client gave it up.
 */
const IDLE_IN_TRANSACTION = "30000"
const APPEND_LOCK_TIMEOUT = "4000"

/** Names are read in Spillway's schema alone, and a lock once waited for is read past, whatever the server's defaults. */
export const connectionConfig = (options: ConnectionOptions, purpose: Purpose): PgConnection.Config => {
  const { schema = DEFAULT_SCHEMA, ...address } = options
  return {
    ...address,
    applicationName: `spillway ${purpose}`,
    keepAlive: KEEP_ALIVE,
    startupParameters: {
      search_path: schema,
      default_transaction_isolation: "read committed",
      timezone: "UTC",
      ...SERVER_KEEP_ALIVE,
      ...((purpose === "append" || purpose === "read") && {
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION
      }),
      ...(purpose === "append" && { ...APPEND_PLANS, lock_timeout: APPEND_LOCK_TIMEOUT })
    }
  }
}

/** On which a commit is told to the other processes of a log. */
export const commitChannel = (options: ConnectionOptions): string =>
  `${options.schema ?? DEFAULT_SCHEMA}_commit`
