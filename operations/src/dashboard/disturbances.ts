/** What a server counts when others go wrong: clients that are too many or send no frames, and a runtime in another process that is lost. */
import { isTurnEnd, type ServerFrame } from "@spillway/contracts"
import { Effect } from "effect"
import { connect, connectHost, createThread, delta, newThreadId, startTurn } from "spillway/testing"

/** A bucket holds a thousand wrong frames, and takes 20 more each second. */
const WRONG_FRAMES = 2_000

/** So long a gauge must stand to be on a page, which are read twice a second. Milliseconds. */
const SEEN = 2_000

export interface Door {
  /** `127.0.0.1:4000` */
  readonly address: string
  readonly token: string
}

const open = ({ address, token }: Door) => connect({ url: `ws://${address}/v1/ws`, token })

/** Opens websockets until one is turned away, and event streams likewise. Then all of them leave. */
export const crowd = Effect.fnUntraced(function* (door: Door) {
  yield* Effect.flip(Effect.forever(open(door)))
  yield* Effect.flip(Effect.forever(openStream(door)))
}, Effect.scoped)

const openStream = ({ address, token }: Door) =>
  Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (leaving) => Effect.sync(() => leaving.abort())
  ).pipe(
    Effect.flatMap(({ signal }) =>
      Effect.promise(() =>
        fetch(`http://${address}/v1/log/events`, {
          headers: { accept: "text/event-stream", authorization: `Bearer ${token}` },
          signal
        })
      )
    ),
    Effect.flatMap(({ status }) => (status === 200 ? Effect.void : Effect.fail(status)))
  )

/** Sends what is no frame until the server has enough of it. */
export const babbler = Effect.fnUntraced(function* (door: Door) {
  const client = yield* Effect.orDie(open(door))
  for (let i = 0; i < WRONG_FRAMES; i++) yield* client.send("{")
  yield* client.closed
}, Effect.scoped)

/** A runtime that repeats a report, leaves a gap before another, and never comes back: its turn fails. */
export const lostRuntime = Effect.fnUntraced(function* (doors: ReadonlyArray<Door>, runtimeToken: string) {
  const connected = ({ address }: Door) => connectHost({ address, token: runtimeToken })
  const host = yield* Effect.firstSuccessOf(doors.map(connected)).pipe(Effect.orDie)
  const client = yield* Effect.orDie(open(doors[0]!))
  const threadId = newThreadId()
  yield* client.send({ type: "command", command: createThread(threadId) })
  yield* client.until(({ type }) => type === "receipt")
  yield* client.send({
    type: "subscribe",
    id: "thread",
    subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
  })
  yield* client.send({ type: "command", command: startTurn(threadId, { choice: { runtime: "own" } }) })
  const start = yield* Effect.orDie(host.until("start"))
  host.report(start, 1, { type: "step.open", model: "m-1" })
  yield* Effect.orDie(host.until("step-opened"))
  host.report(start, 1, { type: "step.open", model: "m-1" }, delta("a"))
  yield* Effect.sleep(SEEN)
  host.report(start, 4, delta("too early"))
  yield* host.closed
  yield* client.until(endsTurn)
}, Effect.scoped)

const endsTurn = (frame: ServerFrame) => frame.type === "events" && frame.events.some(isTurnEnd)
