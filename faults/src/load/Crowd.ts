/** All clients of a run, and the threads that they drive and watch. */
import type { ThreadView } from "@spillway/contracts"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import { seeded } from "../seeded.ts"
import { type DrivenThread, driveThread } from "./driveThread.ts"
import type { Hands } from "./Hands.ts"
import { HttpClient } from "./HttpClient.ts"
import { PageClient } from "./PageClient.ts"
import { RawClient } from "./RawClient.ts"
import type { Seen } from "./Seen.ts"
import type { SeenLog } from "./SeenLog.ts"

/** How many clients of each kind, and how many threads each of them drives. */
const CLIENTS = { raw: 6, page: 4, http: 3 }
const THREADS_EACH = 3

/** Websockets that drive nothing and watch all threads; and those that follow the whole log. */
const WATCHERS = 1
const LOG_WATCHERS = 1

/** Milliseconds in which threads begin, one after the other. */
const BEGINNING = 2_000

export class Crowd {
  readonly threads: ReadonlyArray<DrivenThread>
  readonly #raw: ReadonlyArray<RawClient>
  readonly #http: ReadonlyArray<HttpClient>
  readonly #pages: ReadonlyArray<PageClient>

  constructor(options: { readonly seed: number; readonly port: number; readonly ledger: CommandLedger }) {
    const { ledger, port, seed } = options
    const url = `http://127.0.0.1:${port}`
    const raw = (name: string, log = false) =>
      new RawClient({ url: `ws://127.0.0.1:${port}/v1/ws`, ledger, chance: seeded(seed, name), log })
    const many = <A>(count: number, make: (i: number) => A) =>
      Array.from({ length: count }, (_, i) => make(i))

    const drivers = many(CLIENTS.raw, (i) => raw(`raw-${i}`))
    this.#pages = many(CLIENTS.page, () => new PageClient({ url, ledger }))
    this.#http = many(CLIENTS.http, () => new HttpClient({ url, ledger }))
    const clients: ReadonlyArray<{ readonly name: string; readonly hands: (threadId: string) => Hands }> = [
      ...drivers.map((client, i) => ({ name: `raw-${i}`, hands: (id: string) => client.hands(id) })),
      ...this.#pages.map((client, i) => ({ name: `page-${i}`, hands: (id: string) => client.hands(id) })),
      ...this.#http.map((client, i) => ({ name: `http-${i}`, hands: (id: string) => client.hands(id) }))
    ]
    const threadIds = clients.flatMap(({ name }) => many(THREADS_EACH, (i) => `${name}.${i}`))
    this.threads = clients.flatMap(({ hands, name }, n) =>
      many(THREADS_EACH, (i) => {
        const threadId = `${name}.${i}`
        const beginsAfter = ((n * THREADS_EACH + i) * BEGINNING) / threadIds.length
        return driveThread({ seed, threadId, hands: hands(threadId), beginsAfter })
      })
    )
    const watchers = many(WATCHERS, (i) => raw(`watcher-${i}`))
    for (const watcher of watchers) for (const threadId of threadIds) watcher.follow(threadId)
    this.#raw = [...drivers, ...watchers, ...many(LOG_WATCHERS, (i) => raw(`log-${i}`, true))]
  }

  /** Commands whose answer somebody waits for. */
  get unanswered(): number {
    return [...this.#raw, ...this.#http, ...this.#pages].reduce((sum, one) => sum + one.unanswered, 0)
  }

  /** What went wrong with clients that should not have. */
  get errors(): ReadonlyArray<string> {
    return [...this.#raw, ...this.#http].flatMap(({ errors }) => errors)
  }

  get subscribers(): ReadonlyArray<{ readonly whose: string; readonly seen: Seen }> {
    return [
      ...this.#raw.flatMap(({ threads }, i) => seenBy(`websocket ${i}`, threads)),
      ...this.#http.flatMap(({ threads }, i) => seenBy(`event stream ${i}`, threads))
    ]
  }

  get logSubscribers(): ReadonlyArray<{ readonly whose: string; readonly seen: SeenLog }> {
    return this.#raw.flatMap(({ log }, i) => (log === null ? [] : [{ whose: `websocket ${i}`, seen: log }]))
  }

  get pageViews(): ReadonlyArray<{ readonly whose: string; readonly view: ThreadView }> {
    return this.#pages.flatMap(({ threads }, i) =>
      [...threads.values()].map(({ view }) => ({ whose: `page ${i}`, view }))
    )
  }

  /** Somebody looks at the pages. */
  wake(): void {
    for (const page of this.#pages) page.wake()
  }

  close(): void {
    for (const client of [...this.#raw, ...this.#http, ...this.#pages]) client.close()
  }
}

const seenBy = (whose: string, threads: ReadonlyMap<string, Seen>) =>
  [...threads.values()].map((seen) => ({ whose, seen }))
