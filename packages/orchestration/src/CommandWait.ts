import { Context } from "effect"

/**
 * How long a command waits for its receipt while the database is away, in milliseconds, from when the engine took it. Default: 10,000 –
 * a restart of Postgres fits in, and it is less than most clients and proxies wait themselves.
 */
export const CommandWait = Context.Reference<number>("@spillway/orchestration/CommandWait", {
  defaultValue: () => 10_000
})
