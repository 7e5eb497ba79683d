/** What sockets that never read cost: the server's memory, and another client's latency. */
import {
  CommandId,
  MessageId,
  type Subscription,
  ThreadId,
  TurnId,
  WEBSOCKET_PATH
} from "@spillway/contracts"
import { Effect } from "effect"
import { Connection } from "../load/Connection.ts"
import { waitUntil } from "../load/waitUntil.ts"
import type { BenchmarkCase, Check } from "../runner/BenchmarkCase.ts"
import { startDisposablePostgres } from "../runner/DisposablePostgres.ts"
import { median, round } from "../runner/statistics.ts"
import { type Measurement, startServerUnderTest } from "../server/ServerUnderTest.ts"
import { type Latencies, Prober } from "./silent-sockets/Prober.ts"
import { openSilentSocket, type SilentSocket } from "./silent-sockets/SilentSocket.ts"

const SOCKETS = 500
const WINDOWS = 5

/** Milliseconds of one window. */
const WINDOW = 3_000

/** How long the last sockets stay on behind their window, to see that they cost no more. Milliseconds. */
const STAY = 5_000

/** Threads whose turns write all the time: forty characters, twenty-five times a second each, for longer than this takes. */
const BUSY_THREADS = 4
const STREAM = { script: "stream", deltas: 5_000, deltaSize: 40, intervalMs: 40 }

/** Kibibytes that a socket may cost, and by which it may cost more later. */
const MOST_MEMORY = 256
const MOST_GROWTH = 16

/** The latency beside silent sockets may be so many times the one without, or so many milliseconds more. */
const MOST_RATIO = 1.5
const MOST_MORE = 5

const busyThread = (i: number) => ThreadId.make(`busy${i}`)

const SUBSCRIPTIONS: ReadonlyArray<Subscription> = [
  ...Array.from({ length: BUSY_THREADS }, (_, i): Subscription => ({
    to: "thread",
    threadId: busyThread(i),
    from: { afterVersion: 0 }
  })),
  { to: "log", from: { afterPosition: 0 } },
  { to: "threads" }
]

const startTurns = async (connection: Connection): Promise<void> => {
  for (let i = 0; i < BUSY_THREADS; i++) {
    const threadId = busyThread(i)
    await connection.command({ type: "thread.create", commandId: CommandId.make(`create${i}`), threadId })
    await connection.command({
      type: "thread.turn.start",
      commandId: CommandId.make(`start${i}`),
      threadId,
      turnId: TurnId.make(`turn${i}`),
      messageId: MessageId.make(`message${i}`),
      text: "Write on.",
      assistantDeliveryMode: "streaming",
      choice: { runtime: "scripted", options: STREAM }
    })
  }
}

const run = Effect.gen(function* () {
  const { makeDatabase } = yield* startDisposablePostgres
  const { url: databaseUrl } = yield* makeDatabase("silent")
  // Long enough that none is sent away in the middle of a window.
  const server = yield* startServerUnderTest({ databaseUrl, clientStallSeconds: 300 })
  const url = `ws://127.0.0.1:${server.port}${WEBSOCKET_PATH}`
  const writer = yield* closing(new Connection(url))
  const prober = yield* closing(new Prober(url))
  yield* Effect.promise(() => startTurns(writer).then(() => prober.begin()))
  const measureLatency = Effect.promise(() => prober.measure(WINDOW))
  yield* measureLatency
  // What Node keeps of its memory once it has sent so much is no cost of theirs: as many sockets as there will be are sent the same, read
  // it, and leave.
  yield* Effect.scoped(openSockets(server.port, true))
  yield* measureLatency
  const before = yield* server.measure(2)

  const without: Array<Latencies> = []
  const beside: Array<Latencies> = []
  /** At the end of each window. */
  const costs: Array<Cost> = []
  let stayed = 0
  const costNow = Effect.map(server.measure(2), (now): Cost => costOf(before, now))
  const windowBeside = (isLast: boolean) =>
    Effect.scoped(
      Effect.gen(function* () {
        const sockets = yield* openSockets(server.port, false)
        beside.push(yield* measureLatency)
        costs.push(yield* costNow)
        if (isLast) {
          yield* Effect.sleep(STAY)
          stayed = (yield* costNow).rss - costs.at(-1)!.rss
        }
        const gone = sockets.filter(({ isOpen }) => !isOpen()).length
        if (gone > 0) return yield* Effect.die(new Error(`${gone} silent sockets were closed.`))
      })
    )
  const windowWithout = Effect.map(measureLatency, (latencies) => void without.push(latencies))
  for (let i = 0; i < WINDOWS; i++) {
    // Which comes first changes: what happens to both is nobody's advantage.
    const windows = [windowWithout, windowBeside(i === WINDOWS - 1)]
    yield* Effect.all(i % 2 === 0 ? windows : windows.toReversed())
  }

  const receipt = { without: medianOf(without, "receipt"), beside: medianOf(beside, "receipt") }
  const event = { without: medianOf(without, "event"), beside: medianOf(beside, "event") }
  const most = (of: keyof Cost) => Math.max(...costs.map((cost) => cost[of]))
  return {
    figures: {
      sockets: SOCKETS,
      receipt,
      event,
      windows: { without: without.map(rounded), beside: beside.map(rounded) },
      kibibytesPerSocket: costs.map(({ held, rss }) => ({ rss: round(rss, 1), held: round(held, 1) })),
      laterKibibytesPerSocket: round(stayed, 1),
      before: { ...before }
    },
    tables: [
      {
        title: `p99 of another client, ms, median of ${WINDOWS} windows`,
        rows: [
          { "": "command to receipt", without: receipt.without, "beside 500": receipt.beside },
          { "": "command to event", without: event.without, "beside 500": event.beside }
        ]
      },
      {
        title: "KiB of the server for each socket",
        rows: costs.map(({ held, rss }, i) => ({ window: i + 1, RSS: rss, "heap and buffers": held }))
      }
    ],
    checks: [
      memoryCheck("RSS a socket, in the worst window", most("rss"), MOST_MEMORY),
      memoryCheck("heap and buffers a socket, in the worst window", most("held"), MOST_MEMORY),
      memoryCheck(`RSS a socket, more after ${STAY / 1_000} s`, stayed, MOST_GROWTH),
      latencyCheck("command to receipt, p99", receipt),
      latencyCheck("command to event, p99", event)
    ]
  }
})

/** Kibibytes that each socket costs. */
interface Cost {
  readonly rss: number
  /** On the heap and in buffers, after garbage collection. */
  readonly held: number
}

const costOf = (before: Measurement, now: Measurement): Cost => {
  const ofEach = (valueOf: (measured: Measurement) => number) =>
    (valueOf(now) - valueOf(before)) / SOCKETS / 1024
  return { rss: ofEach(({ rss }) => rss), held: ofEach(({ external, heapUsed }) => heapUsed + external) }
}

const memoryCheck = (name: string, value: number, limit: number): Check => ({
  name: `KiB of ${name}`,
  value,
  limit,
  is: "at most"
})

/** Opened, and each at the end of what it is sent; gone with the scope. */
const openSockets = Effect.fnUntraced(function* (port: number, read: boolean) {
  const stalls = () => readCounter(port, "spillway_credit_stalls_total")
  const stalledBefore = yield* Effect.promise(stalls)
  const sockets = yield* Effect.acquireRelease(
    Effect.promise(() =>
      Promise.all(Array.from({ length: SOCKETS }, () => openSilentSocket(port, SUBSCRIPTIONS, read)))
    ),
    (sockets: ReadonlyArray<SilentSocket>) => Effect.sync(() => sockets.forEach(({ leave }) => leave()))
  )
  let stalled = 0
  const full = yield* Effect.promise(() =>
    waitUntil(() => {
      void stalls().then((now) => (stalled = now - stalledBefore))
      return stalled >= SOCKETS
    }, 60_000)
  )
  if (!full)
    return yield* Effect.die(new Error(`Only ${stalled} of ${SOCKETS} sockets were sent all they get.`))
  return sockets
})

const readCounter = async (port: number, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0)
}

const latencyCheck = (
  name: string,
  { beside, without }: { readonly beside: number; readonly without: number }
): Check => ({
  name: `${name}, ms beside ${SOCKETS} silent sockets (${round(without, 2)} without them)`,
  value: beside,
  limit: Math.max(without * MOST_RATIO, without + MOST_MORE),
  is: "at most"
})

const medianOf = (windows: ReadonlyArray<Latencies>, of: "receipt" | "event") =>
  median(windows.map((window) => window[of]))

const rounded = ({ commands, event, receipt }: Latencies) => ({
  commands,
  receipt: round(receipt, 2),
  event: round(event, 2)
})

const closing = <A extends { readonly close: () => void }>(one: A) =>
  Effect.as(
    Effect.addFinalizer(() => Effect.sync(() => one.close())),
    one
  )

export const silentSockets500: BenchmarkCase = {
  name: "silent-sockets",
  about: `${SOCKETS} websockets that subscribe to ${BUSY_THREADS} threads whose turns write all the time, to the log and to the list of threads, and never read. What they cost the server in memory, and another client, which sends a hundred commands a second, in latency: in turns, with them and without them. The server is a process of its own.`,
  run
}
