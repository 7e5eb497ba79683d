/** A run from its beginning to its verdict: a load, what breaks under it, rest, and the counters. */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { gatherEvidence } from "./evidence/gatherEvidence.ts"
import { inflict } from "./inflict.ts"
import { CommandLedger } from "./ledger/CommandLedger.ts"
import { Crowd } from "./load/Crowd.ts"
import { keepHost } from "./processes/KeptHost.ts"
import { keepPostgres } from "./processes/KeptPostgres.ts"
import { keepServer } from "./processes/KeptServer.ts"
import { TcpProxy } from "./processes/TcpProxy.ts"
import { rest } from "./rest.ts"
import { scheduleOf } from "./schedule.ts"
import { verdictOf } from "./verdict.ts"

export interface FaultsOptions {
  readonly seed: number
  readonly seconds: number
  readonly breaks: string | null
  /** A directory for the ledgers, which stay there; `null`: a temporary one. */
  readonly keep: string | null
  readonly progress: (line: string) => void
}

/** How long a planted break keeps apart what should be one moment. Milliseconds: some kill comes in between. */
const MOMENT = 400

export const runFaults = Effect.fnUntraced(function* (options: FaultsOptions) {
  const { breaks, keep, progress, seconds, seed } = options
  const schedule = scheduleOf(seed, seconds)
  const proxies = { clients: yield* TcpProxy.open, database: yield* TcpProxy.open }
  const postgres = yield* keepPostgres(proxies.database)
  const directory = keep ?? postgres.scratch
  const ledger = yield* Effect.acquireRelease(
    Effect.sync(() => new CommandLedger(join(directory, "commands.ndjson"))),
    (ledger) => Effect.sync(() => ledger.close())
  )
  const runtimeToken = randomUUID()
  const server = yield* keepServer({
    databaseUrl: postgres.url,
    breaks: breaks === null ? null : { name: breaks, moment: MOMENT, within: "" },
    proxy: proxies.clients,
    textLedger: (process) => join(directory, `text-${process}.ndjson`),
    runtimeToken,
    said: (text) => ledger.note({ server: text })
  })
  yield* server.ready
  const host = yield* keepHost({
    url: `http://127.0.0.1:${proxies.clients.port}`,
    token: runtimeToken,
    textLedger: (process) => join(directory, `remote-text-${process}.ndjson`)
  })
  progress(`Seed ${seed}: ${schedule.length} faults in ${seconds} s.`)

  const crowd = yield* Effect.acquireRelease(
    Effect.sync(() => new Crowd({ seed, port: proxies.clients.port, ledger })),
    (crowd) => Effect.sync(() => crowd.close())
  )
  const victims = { server, host, postgres, proxies }
  const began = performance.now()
  const cuts = () => proxies.clients.cuts + proxies.database.cuts
  const look = Effect.sync(() => {
    crowd.wake()
    progress(
      `${Math.round((performance.now() - began) / 1_000)} s: ${ledger.acked} acked, ${crowd.unanswered} waiting, ${server.kills.length} kills of the server, ${postgres.kills.length} of Postgres, ${cuts()} connections cut`
    )
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("5 seconds"), look)))
  yield* Effect.all(
    [
      inflict({ seed, schedule, victims, note: (fault) => ledger.note({ fault }) }),
      Effect.sleep(seconds * 1_000)
    ],
    { concurrency: "unbounded" }
  )

  for (const proxy of [proxies.clients, proxies.database]) proxy.calm()
  progress("Nothing breaks any more; waiting for every thread to come to rest and to take one more turn.")
  crowd.wake()
  const stuck = yield* Effect.promise(() => rest(crowd))
  const evidence = yield* gatherEvidence({
    databaseUrl: postgres.ownUrl,
    serverUrl: `http://127.0.0.1:${proxies.clients.port}`,
    ledger,
    server,
    remoteTextLedgers: host.textLedgers,
    crowd,
    stuck
  })
  return verdictOf(evidence, {
    seed,
    seconds,
    postgresKills: postgres.kills.length,
    runtimeKills: host.kills.length,
    connectionCuts: cuts(),
    endedByItself: server.endedByItself,
    serverErrors: server.errors,
    clientErrors: crowd.errors,
    unanswered: crowd.unanswered
  })
})
