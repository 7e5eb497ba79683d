/** A durable embedded Postgres on a directory that is gone afterwards, killed and started again where it was. */
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect, Redacted, Semaphore } from "effect"
import { dirname } from "node:path"
import { monotonic } from "../monotonic.ts"
import type { TcpProxy } from "./TcpProxy.ts"

export const keepPostgres = Effect.fnUntraced(function* (proxy: TcpProxy) {
  const postgres = yield* EmbeddedPostgres.startTemporary({ tcp: true })
  const tcp = postgres.tcp!
  proxy.target = tcp.connection.port
  const url = new URL(Redacted.value(tcp.url))
  url.port = String(proxy.port)
  const oneAtATime = yield* Semaphore.make(1)
  const kills: Array<number> = []
  return {
    /** A directory that goes with it, also when this process is killed. */
    scratch: dirname(postgres.dataDirectory),
    /** Past the proxy, for the harness's own eyes. */
    ownUrl: postgres.url,
    /** Through the proxy. */
    url: url.href,
    /** Moments, on the clock of `monotonic`. */
    kills,
    /** Ends every process of it with SIGKILL, and starts it `pause` later. */
    killAndRestart: (pause: number) =>
      Semaphore.withPermit(
        oneAtATime,
        Effect.gen(function* () {
          kills.push(monotonic())
          yield* postgres.kill
          yield* Effect.sleep(pause)
          yield* postgres.restart
        })
      )
  }
})
