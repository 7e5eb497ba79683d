/**
 * A short, mixed load, so that every metric has something to count: turns of each script in each mode, queued, failed, interrupted, denied
 * and refused, on two processes at once; clients that follow threads, the list and the log, one that never acks, and event streams; a database
 * that stands still for a while and is gone for a while; and what `disturbances.ts` has.
 */
import {
  type ClientCommand,
  type ClientEvent,
  CommandId,
  DeliveryMode,
  isTurnEnd,
  type RequestResponse,
  type RuntimeChoice,
  type ServerFrame,
  type ThreadId,
  TurnId
} from "@spillway/contracts"
import { Effect } from "effect"
import { connect, createThread, newThreadId, respondTo, startTurn, type TestClient } from "spillway/testing"
import { babbler, crowd, lostRuntime } from "./disturbances.ts"

export interface LoadOptions {
  /** `127.0.0.1:4000`, of each process. */
  readonly servers: ReadonlyArray<string>
  readonly token: string
  readonly runtimeToken: string
  readonly seconds: number
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly kill: Effect.Effect<void>
  readonly restart: Effect.Effect<void>
}

const THREADS = 12

/** The database stands still from the middle on for so long. Milliseconds. */
const PAUSE = 2_500

/** It is gone from three quarters on for so long. Milliseconds. */
const OUTAGE = 2_500

interface Played {
  readonly script: string
  readonly options?: RuntimeChoice["options"]
  readonly interrupts?: boolean
  readonly queues?: boolean
  readonly response?: RequestResponse
}

/** One after the other, from another place on for each thread. */
const programme: ReadonlyArray<Played> = [
  { script: "tools" },
  { script: "stream", options: { deltas: 500, intervalMs: 4 } },
  { script: "approval", response: { type: "approval", decision: "deny" } },
  { script: "long", options: { characters: 60_000 } },
  { script: "error" },
  { script: "stream", options: { deltas: 2_000, intervalMs: 0 }, queues: true },
  { script: "slow", interrupts: true },
  { script: "retry" },
  { script: "approval", response: { type: "approval", decision: "approve" } },
  { script: "reasoning" }
]

export const runLoad = Effect.fnUntraced(function* ({
  kill,
  pause,
  restart,
  resume,
  runtimeToken,
  seconds,
  servers,
  token
}: LoadOptions) {
  const url = (i: number) => `ws://${servers[i % servers.length]}/v1/ws`
  const open = (i: number) => Effect.orDie(connect({ url: url(i), token }))
  const begun = performance.now()
  const isOver = () => performance.now() - begun > seconds * 1_000

  /** The threads that are there. */
  const threadIds: Array<ThreadId> = []

  const thread = Effect.fnUntraced(function* (i: number) {
    const client = yield* open(i)
    const played = yield* makePlayer(client, threadIds)
    for (let n = i; !isOver(); n++)
      yield* played(programme[n % programme.length]!, DeliveryMode.literals[n % 3]!)
  }, Effect.scoped)

  const follower = Effect.fnUntraced(function* (i: number) {
    const client = yield* open(i)
    yield* client.send({ type: "subscribe", id: "list", subscription: { to: "threads" } })
    yield* client.send({ type: "subscribe", id: "log", subscription: { to: "log", from: "tail" } })
    return yield* Effect.forever(client.next)
  }, Effect.scoped)

  /** Takes what it is sent and acks nothing, until the server has enough of it: of the log, and of each thread with its live text. */
  const staller = Effect.gen(function* () {
    const client = yield* Effect.orDie(connect({ url: url(0), token, acks: false }))
    for (const threadId of threadIds) {
      yield* client.send({
        type: "subscribe",
        id: threadId,
        subscription: { to: "thread", threadId, from: "tail" }
      })
    }
    yield* client.send({
      type: "subscribe",
      id: "log",
      subscription: { to: "log", from: { afterPosition: 0 } }
    })
    yield* client.closed
  }).pipe(Effect.scoped, Effect.forever)

  const stream = Effect.callback<never>((_, signal) => {
    void fetch(`http://${servers[0]}/v1/log/events`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${token}` },
      signal
    }).catch(() => undefined)
  })

  const doors = servers.map((address) => ({ address, token }))
  const quarter = Effect.sleep((seconds * 1_000) / 4)
  /** The crowd comes when all others are in, where nobody has to come again: the one that never acks is elsewhere. */
  const events = Effect.gen(function* () {
    yield* quarter
    yield* crowd(doors.at(-1)!)
    yield* quarter
    yield* pause
    yield* Effect.sleep(PAUSE)
    yield* resume
    yield* quarter
    yield* kill
    yield* Effect.sleep(OUTAGE)
    yield* restart
  })
  const disturbed = [events, babbler(doors[0]!), lostRuntime(doors, runtimeToken)]

  const threads = Array.from({ length: THREADS }, (_, i) => thread(i))
  const all = { concurrency: "unbounded", discard: true } as const
  yield* Effect.raceFirst(
    Effect.all([...threads, ...disturbed], all),
    Effect.all([follower(0), follower(1), staller, stream], all)
  )
})

/** Plays one turn to its end. */
const makePlayer = Effect.fnUntraced(function* (client: TestClient, threadIds: Array<ThreadId>) {
  const threadId = newThreadId()
  const say = (command: ClientCommand) => client.send({ type: "command", command })
  const until = (fits: (event: ClientEvent) => boolean) =>
    Effect.map(
      client.until((frame) => eventsIn(frame).some(fits)),
      (frames) => frames.flatMap(eventsIn).find(fits)!
    )

  yield* say(createThread(threadId))
  yield* client.until(({ type }) => type === "receipt")
  threadIds.push(threadId)
  yield* client.send({
    type: "subscribe",
    id: "thread",
    subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
  })
  let refusals = 0

  return Effect.fnUntraced(function* (played: Played, mode: DeliveryMode) {
    const turn = () =>
      startTurn(threadId, {
        assistantDeliveryMode: mode,
        choice: { runtime: "scripted", options: { script: played.script, ...played.options } }
      })
    const turns = played.queues === true ? [turn(), turn()] : [turn()]
    for (const command of turns) yield* say(command)
    // Nobody knows this turn: the answer is a rejection.
    yield* say(interrupt(TurnId.make("no-such-turn"), `${threadId}-refused-${++refusals}`))
    if (played.response !== undefined) {
      const opened = yield* until(({ type }) => type === "thread.request-opened")
      if (opened.type === "thread.request-opened") {
        yield* say({ ...respondTo(threadId, opened.data.requestId), response: played.response })
      }
    }
    if (played.interrupts === true) {
      yield* until(({ type }) => type === "thread.message-segment-appended" || type === "thread.step-opened")
      yield* say(interrupt(turns[0]!.turnId, `${threadId}-interrupt-${turns[0]!.turnId}`))
    }
    const last = turns.at(-1)!.turnId
    yield* until((event) => isTurnEnd(event) && event.data.turnId === last)
  })

  function interrupt(turnId: TurnId, id: string): ClientCommand {
    return { type: "thread.turn.interrupt", commandId: CommandId.make(id), threadId, turnId }
  }
})

const eventsIn = (frame: ServerFrame): ReadonlyArray<ClientEvent> =>
  frame.type === "events" ? frame.events : []
