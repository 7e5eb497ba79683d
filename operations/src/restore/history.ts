/** A small history, and what a server tells of it. */
import {
  type ClientEvent,
  isTurnEnd,
  type RuntimeChoice,
  type ServerFrame,
  type ThreadId
} from "@spillway/contracts"
import { Effect } from "effect"
import { connect, createThread, newThreadId, respondTo, startTurn, type TestClient } from "spillway/testing"

const eventsIn = (frame: ServerFrame): ReadonlyArray<ClientEvent> =>
  frame.type === "events" ? frame.events : []

/** Until the thread has such an event; the event. */
const until = <E extends ClientEvent>(client: TestClient, fits: (event: ClientEvent) => event is E) =>
  Effect.orDie(
    Effect.map(
      client.until((frame) => eventsIn(frame).some(fits)),
      (frames) => frames.flatMap(eventsIn).find(fits)!
    )
  )

const isType =
  <T extends ClientEvent["type"]>(type: T) =>
  (event: ClientEvent): event is Extract<ClientEvent, { readonly type: T }> =>
    event.type === type

const follow = Effect.fnUntraced(function* (address: string, threadId: ThreadId) {
  const client = yield* Effect.orDie(connect({ url: `ws://${address}/v1/ws` }))
  yield* client.send({
    type: "subscribe",
    id: "t",
    subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
  })
  return client
})

export interface History {
  /** Waits for a person's approval. */
  readonly parked: ThreadId
  /** A turn of it runs, for longer than anybody waits. */
  readonly running: ThreadId
}

/** Threads in every state that a backup may find: ended in each way, by a model too, parked, and running. */
export const makeHistory = Effect.fnUntraced(function* (address: string) {
  const begin = Effect.fnUntraced(function* (choice: RuntimeChoice, text = "hello") {
    const threadId = newThreadId()
    const maker = yield* Effect.orDie(connect({ url: `ws://${address}/v1/ws` }))
    yield* maker.send({ type: "command", command: createThread(threadId) })
    yield* Effect.orDie(maker.expect("receipt"))
    const client = yield* follow(address, threadId)
    yield* client.send({ type: "command", command: startTurn(threadId, { choice, text }) })
    return { threadId, client }
  })
  const script = (name: string, options: RuntimeChoice["options"] = {}): RuntimeChoice => ({
    runtime: "scripted",
    options: { script: name, ...options }
  })
  for (const choice of [
    script("tools"),
    script("error"),
    script("reasoning"),
    script("long"),
    { runtime: "ai-sdk" }
  ]) {
    const { client } = yield* begin(choice, "Ünïcødé, a \u0000 and 🌊")
    yield* until(client, isTurnEnd)
  }
  const parked = yield* begin(script("approval"))
  yield* until(parked.client, isType("thread.request-opened"))
  const running = yield* begin(script("stream", { deltas: 10_000, intervalMs: 1_000 }))
  yield* until(running.client, isType("thread.message-opened"))
  const history: History = { parked: parked.threadId, running: running.threadId }
  return history
}, Effect.scoped)

/** The turn that the backup found running has ended, as one whose process died. */
export const runningIsOver = Effect.fnUntraced(function* (address: string, { running }: History) {
  const client = yield* follow(address, running)
  return (yield* until(client, isTurnEnd)).type
}, Effect.scoped)

/** The parked turn goes on when it is answered. */
export const answerParked = Effect.fnUntraced(function* (address: string, { parked }: History) {
  const client = yield* follow(address, parked)
  const { data } = yield* until(client, isType("thread.request-opened"))
  yield* client.send({ type: "command", command: respondTo(parked, data.requestId) })
  return (yield* until(client, isTurnEnd)).type
}, Effect.scoped)

export interface Told {
  readonly logId: string
  readonly head: number
  /** Every event of the log, as JSON. */
  readonly events: ReadonlyArray<string>
  /** What each thread's view is, as JSON, by thread id. */
  readonly views: ReadonlyMap<string, string>
}

const get = <A>(address: string, path: string): Effect.Effect<A> =>
  Effect.promise(async () => {
    const response = await fetch(`http://${address}${path}`)
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
    return (await response.json()) as A
  })

/** Everything that a server tells of its log and threads, over HTTP. Its read models hold all that the log does. */
export const tell = Effect.fnUntraced(function* (address: string) {
  interface LogPage {
    readonly logId: string
    readonly head: number
    readonly events: ReadonlyArray<unknown>
    readonly next: number | null
  }
  const events: Array<string> = []
  let page = yield* get<LogPage>(address, "/v1/log/events?after=0&limit=1000")
  while (true) {
    for (const event of page.events) events.push(JSON.stringify(event))
    if (page.next === null) break
    page = yield* get<LogPage>(address, `/v1/log/events?after=${page.next}&limit=1000`)
  }
  interface Ready {
    readonly projections: ReadonlyArray<{ readonly behind: number }>
  }
  yield* Effect.repeat(get<Ready>(address, "/health/ready"), {
    until: ({ projections }) => projections.every(({ behind }) => behind === 0)
  })
  const { threads } = yield* get<{ readonly threads: ReadonlyArray<{ readonly threadId: string }> }>(
    address,
    "/v1/threads?limit=200"
  )
  const views = new Map<string, string>()
  for (const { threadId } of threads) {
    views.set(
      threadId,
      JSON.stringify(yield* get(address, `/v1/threads/${encodeURIComponent(threadId)}/view`))
    )
  }
  const told: Told = { logId: page.logId, head: events.length, events, views }
  return told
})
