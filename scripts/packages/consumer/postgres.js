// A Postgres for whoever knows its address, until Ctrl-C.
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect, Redacted } from "effect"

const program = Effect.gen(function* () {
  const { url } = yield* EmbeddedPostgres.startTemporary({ tcp: true })
  console.log(Redacted.value(url))
  return yield* Effect.never
}).pipe(Effect.scoped)

const stop = new AbortController()
process.once("SIGINT", () => stop.abort())
await Effect.runPromise(program, { signal: stop.signal }).catch(() => undefined)
