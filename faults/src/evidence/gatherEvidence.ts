/** Once all is at rest: waits until everybody was shown what the log holds, and takes down what they have. */
import { emptyThreadView, ThreadId, type ThreadView } from "@spillway/contracts"
import { Effect, type Redacted } from "effect"
import { checkProjections, layerBesideServers } from "spillway/effect"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import { readTexts, REMOTE } from "../ledger/readTexts.ts"
import type { Crowd } from "../load/Crowd.ts"
import type { KeptServer } from "../processes/KeptServer.ts"
import type { Evidence, FinalView } from "./Evidence.ts"
import { readLog } from "./readLog.ts"
import { turnTexts } from "./turnTexts.ts"

/** Milliseconds: for all to be shown the end of the log, unless it is said otherwise; between two looks. */
const LIMIT = 15_000
const LOOK = 100

export const gatherEvidence = Effect.fnUntraced(function* (options: {
  readonly databaseUrl: Redacted.Redacted
  readonly serverUrl: string
  readonly ledger: CommandLedger
  readonly server: Pick<KeptServer, "kills" | "textLedgers">
  readonly remoteTextLedgers?: ReadonlyArray<string>
  readonly crowd: Pick<Crowd, "logSubscribers" | "pageViews" | "subscribers">
  readonly stuck: ReadonlyArray<string>
  /** Milliseconds that subscribers have to be shown the end of the log. */
  readonly limit?: number
}) {
  const {
    crowd,
    databaseUrl,
    ledger,
    limit = LIMIT,
    remoteTextLedgers = [],
    server,
    serverUrl,
    stuck
  } = options
  const log = yield* readLog(databaseUrl)
  const isShown = () =>
    crowd.subscribers.every(({ seen }) => seen.version >= lengthOf(seen.threadId)) &&
    crowd.logSubscribers.every(({ seen }) => seen.position >= log.head.position) &&
    crowd.pageViews.every(({ view }) => view.version >= lengthOf(view.threadId))
  const lengthOf = (threadId: string) => log.byThread.get(threadId)?.length ?? 0
  const since = performance.now()
  while (!isShown() && performance.now() - since < limit) yield* Effect.sleep(LOOK)

  const readModels = yield* Effect.promise(() =>
    Promise.all([...log.byThread.keys()].map((threadId) => readModelOf(serverUrl, threadId)))
  )
  const reports = yield* checkProjections().pipe(
    Effect.provide(layerBesideServers({ databaseUrl, dataDirectory: "" }))
  )
  const calls = [...readTexts(server.textLedgers), ...readTexts(remoteTextLedgers, REMOTE)]
  const evidence: Evidence = {
    commands: ledger.entries,
    calls,
    texts: turnTexts(calls, log),
    serverKills: server.kills,
    log,
    subscribers: crowd.subscribers,
    logSubscribers: crowd.logSubscribers,
    views: [...crowd.pageViews, ...readModels],
    rowDifferences: reports.flatMap(({ named }) => named.map((difference) => JSON.stringify(difference))),
    stuck
  }
  return evidence
})

/** As the server answers it, an error being a view of nothing, perhaps on a second try: a connection that is kept open may have been cut before. */
const readModelOf = async (serverUrl: string, threadId: string, tries = 3): Promise<FinalView> => {
  try {
    const response = await fetch(`${serverUrl}/v1/threads/${encodeURIComponent(threadId)}/view`)
    const answer = (await response.json()) as { readonly view: ThreadView }
    if (response.ok) return { whose: "the read model", view: answer.view }
    const whose = `the read model, which answers ${JSON.stringify(answer)},`
    return { whose, view: emptyThreadView(ThreadId.make(threadId)) }
  } catch (error) {
    if (tries === 1) throw error
    return readModelOf(serverUrl, threadId, tries - 1)
  }
}
