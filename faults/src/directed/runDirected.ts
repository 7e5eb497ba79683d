/**
 * A short run by a script, of several servers at once: all of them are in one process, which is killed when each of them is where a kill
 * hurts most. Each has its own database, clients, ledgers and break, and is counted by itself.
 */
import { Deferred, Effect, type Redacted, Redacted as Secret } from "effect"
import { join } from "node:path"
import { lostBuffered } from "../counters/lostBuffered.ts"
import { gatherEvidence } from "../evidence/gatherEvidence.ts"
import { CommandLedger } from "../ledger/CommandLedger.ts"
import { killServer, startServer } from "../processes/ServerProcess.ts"
import { TcpProxy } from "../processes/TcpProxy.ts"
import { rest } from "../rest.ts"
import { type CounterName, counters } from "../verdict.ts"
import { LATE, Stage } from "./Stage.ts"

export interface DirectedServer {
  readonly databaseUrl: Redacted.Redacted
  /** The name of a break; `null`: none. */
  readonly breaks: string | null
  /** Milliseconds that threads have to come to rest, and subscribers to be shown the end. What is broken for good never does. */
  readonly patience: number
}

/** What the counters say of a server. */
export type Counts = Readonly<Record<CounterName, ReadonlyArray<string>>> & {
  readonly lostBufferedMsMax: number
}

/** Milliseconds: longer than any run; what is kept apart is apart until the kill. */
const UNTIL_THE_KILL = 1_000_000

/** Milliseconds that a part of it may take at the most. */
const LONGEST = 60_000

/** @param directory where the ledgers are written. */
export const runDirected = Effect.fnUntraced(function* (
  servers: ReadonlyArray<DirectedServer>,
  directory: string
) {
  const textLedgerOf = (server: number, process: number) =>
    join(directory, `text-${server}-${process}.ndjson`)
  const start = Effect.fnUntraced(function* (process: number) {
    const planted = servers.map(({ breaks, databaseUrl }, i) => ({
      databaseUrl: Secret.value(databaseUrl),
      textLedger: textLedgerOf(i, process),
      breaks:
        breaks === null ? null : { name: breaks, moment: process === 0 ? UNTIL_THE_KILL : 0, within: LATE },
      runtimeToken: null
    }))
    const server = yield* startServer({ servers: planted }, (text) => said.push(text))
    const ports = yield* Deferred.await(server.ready)
    for (const [i, { proxy }] of stages.entries()) proxy.target = ports[i]!
    return server
  })
  const stages = yield* Effect.forEach(
    servers,
    Effect.fnUntraced(function* ({ databaseUrl }, i) {
      const proxy = yield* TcpProxy.open
      const ledger = yield* Effect.acquireRelease(
        Effect.sync(() => new CommandLedger(join(directory, `commands-${i}.ndjson`))),
        (ledger) => Effect.sync(() => ledger.close())
      )
      const stage = yield* Effect.acquireRelease(
        Effect.sync(() => new Stage({ port: proxy.port, ledger, textLedger: textLedgerOf(i, 0) })),
        (stage) => Effect.sync(() => stage.close())
      )
      return { databaseUrl, proxy, ledger, stage }
    })
  )
  const said: Array<string> = []
  const inAll = (act: (stage: Stage) => Promise<void>) =>
    Effect.suspend(() => {
      const waiting = new Set(servers.map(({ breaks }) => breaks))
      return Effect.promise(() =>
        Promise.all(
          stages.map(async ({ stage }, i) => {
            await act(stage)
            waiting.delete(servers[i]!.breaks)
          })
        )
      ).pipe(
        Effect.timeoutOrElse({
          duration: LONGEST,
          orElse: () =>
            Effect.die(new Error(`Nothing comes of ${[...waiting].join(", ")}.\n${said.slice(-20).join("")}`))
        })
      )
    })

  const first = yield* start(0)
  yield* inAll((stage) => stage.begin())
  yield* inAll((stage) => stage.finish())
  const killedAt = yield* killServer(first)
  yield* start(1)
  yield* inAll((stage) => stage.askAgain())

  return yield* Effect.forEach(
    stages,
    Effect.fnUntraced(function* ({ databaseUrl, ledger, proxy, stage }, i) {
      const stuck = yield* Effect.promise(() => rest(stage, servers[i]!.patience))
      const evidence = yield* gatherEvidence({
        databaseUrl,
        serverUrl: `http://127.0.0.1:${proxy.port}`,
        ledger,
        server: {
          kills: [{ process: 0, at: killedAt }],
          textLedgers: [textLedgerOf(i, 0), textLedgerOf(i, 1)]
        },
        crowd: {
          subscribers: stage.clients.flatMap(({ threads }) =>
            [...threads.values()].map((seen) => ({ whose: "a websocket", seen }))
          ),
          logSubscribers: stage.clients.flatMap(({ log }) =>
            log === null ? [] : [{ whose: "a websocket", seen: log }]
          ),
          pageViews: []
        },
        stuck,
        limit: servers[i]!.patience
      })
      const found = Object.fromEntries(
        Object.entries(counters).map(([name, counter]) => [name, counter(evidence)])
      ) as Record<CounterName, ReadonlyArray<string>>
      const counts: Counts = { ...found, lostBufferedMsMax: lostBuffered(evidence)[0]?.lost ?? 0 }
      return counts
    }),
    { concurrency: "unbounded" }
  )
})
