/** Servers as processes, killed where it hurts, on one database. */
import { describe, expect, it, vi } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { isTurnEnd, type LoggedEvent } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import { Effect, Redacted } from "effect"
import { connect } from "spillway/testing"
import { type EventOf, type LogWatch, watchLog } from "./testing/LogWatch.ts"
import {
  another,
  approval,
  approve,
  commandsOf,
  end,
  interrupt,
  many,
  messageOf,
  sendAll,
  textOf,
  type Turn,
  turnOf,
  typesOf
} from "./testing/scriptedTurn.ts"
import { type SpillwayProcess, startServer } from "./testing/SpillwayProcess.ts"

/** Processes that start others: slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

const environment = Effect.map(TestDatabase, ({ url }) => ({
  DATABASE_URL: Redacted.value(url),
  SPILLWAY_PORT: "0"
}))

const kill = (server: SpillwayProcess) =>
  Effect.andThen(
    Effect.sync(() => server.child.kill("SIGKILL")),
    server.ended
  )

/**
 * What must hold of every turn whatever became of its server: it ends once, each of its sessions was claimed once, a session that was
 * lost ends it, and each answer was taken once.
 */
const expectOrderly = (watch: LogWatch, turn: Turn) => {
  const events = watch.eventsOf(turn.threadId)
  const only = <T extends LoggedEvent["type"]>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type)
  const generations = only("thread.session-opened").map(({ data }) => data.generation)
  expect(generations).toEqual(generations.map((_, i) => i + 1))
  const ends = events.filter((event) => isTurnEnd(event) && event.data.turnId === turn.turnId)
  expect(ends).toHaveLength(1)
  const claims = only("thread.session-opened").filter(({ data }) => data.turnId === turn.turnId)
  const closings = only("thread.session-closed").filter(({ data }) =>
    claims.some((claim) => claim.data.generation === data.generation)
  )
  // All but the last one parked.
  expect(closings.map(({ data }) => data.reason === "parked")).toEqual(
    closings.map((_, i) => i < closings.length - 1)
  )
  expect(ends[0]?.type).toBe(
    closings.at(-1)?.data.reason === "lost" || only("thread.turn-interrupt-requested").length > 0
      ? "thread.turn-interrupted"
      : "thread.turn-completed"
  )
  const taken = only("thread.request-taken").map(({ data }) => data.requestId)
  expect(taken).toEqual([...new Set(taken)])
}

/** Whether the text of `stream` begins like this. */
const isStreamed = (text: string) => streamedText(endless).startsWith(text)
const endless = { deltas: 100_000, deltaSize: 100 }

/** What the server that was killed had in hand, on a server after it: within 15 s every thread takes a new turn to its end. */
const afterRestart = Effect.fnUntraced(function* (turns: ReadonlyArray<Turn>, parked: ReadonlyArray<Turn>) {
  const server = yield* startServer(yield* environment)
  const watch = yield* Effect.gen(function* () {
    const watch = yield* watchLog(server.url)
    yield* sendAll(watch, turns)
    const next = yield* Effect.forEach(turns, (turn) => another(watch, turn))
    for (const turn of parked) {
      yield* watch.untilType(turn.threadId, "thread.session-closed")
      yield* approve(watch, turn)
    }
    for (const turn of next) expect((yield* end(watch, turn)).type).toBe("thread.turn-completed")
    return watch
  }).pipe(Effect.timeout("15 seconds"))
  for (const turn of turns) expectOrderly(watch, turn)
  return { server, watch }
})

/** What a client sees of a turn's live text. */
const watchLive = Effect.fnUntraced(function* (server: { readonly url: string }, turn: Turn) {
  const client = yield* Effect.orDie(connect({ url: `${server.url}/v1/ws` }))
  yield* client.send({
    type: "subscribe",
    id: "live",
    subscription: { to: "thread", threadId: turn.threadId, from: "snapshot" }
  })
  let seen = 0
  return {
    /** Until so much of it was seen. */
    until: (length: number) =>
      Effect.orDie(
        client.until((frame) => {
          if (frame.type !== "live") return false
          const { offset, text } = frame.frames.at(-1)!
          seen = offset + text.length
          return seen >= length
        })
      ),
    seen: () => seen
  }
})

describe("a server that is killed", () => {
  it.live(
    "A7 A11 kill the server in each phase of a turn, and 15 s after restart the thread takes a new one",
    () =>
      Effect.gen(function* () {
        const first = yield* startServer(yield* environment)
        const before = yield* watchLog(first.url)
        const writing = turnOf("stream", { ...endless, intervalMs: 10 })
        const quiet = (["buffered", "paragraph"] as const).map((mode) =>
          turnOf("stream", { ...endless, intervalMs: 10 }, mode)
        )
        const answered = many(2, "approval")
        const ending = many(4, "hello")
        // One of its tools answers at once, and another one is at it for two seconds.
        const calling = turnOf("tools", { deltaSize: 1_000, intervalMs: 1_000 })
        const parked = turnOf("approval")
        const between = turnOf("approval")
        yield* sendAll(before, [writing, ...quiet, calling, parked, between, ...answered])
        const queued = yield* another(before, writing)
        yield* before.untilType(writing.threadId, "thread.message-segment-appended")
        const answers = yield* Effect.forEach(answered, (turn) => approval(before, turn))
        yield* before.untilType(parked.threadId, "thread.request-opened")
        yield* before.untilType(calling.threadId, "thread.tool-call-closed")
        // Its step is closed already, and the next one follows its tool at once.
        yield* before.send([yield* approval(before, between)])
        yield* before.untilType(between.threadId, "thread.tool-call-closed")
        // Answers that are on their way, and ends: whatever of them is there when the last turn has started.
        yield* before.send(commandsOf(ending))
        yield* before.send(answers)
        yield* before.untilType(ending[3]!.threadId, "thread.turn-started")
        yield* kill(first)

        const all = [writing, ...quiet, calling, parked, between, ...answered, ...ending]
        const second = yield* afterRestart(all, [parked])
        expect((yield* end(second.watch, queued)).type).toBe("thread.turn-completed")
        const after = second.watch
        expect(after.log.slice(0, before.log.length)).toEqual(before.log)

        expect(yield* end(after, writing)).toMatchObject({ data: { reason: "server-restarted" } })
        expect(messageOf(after, writing).status).toBe("interrupted")
        expect(textOf(after, writing)).toSatisfy(isStreamed)
        expect(textOf(after, writing).length).toBeGreaterThanOrEqual(2_000)

        for (const turn of quiet) {
          expect(yield* end(after, turn)).toMatchObject({ data: { reason: "server-restarted" } })
          expect(textOf(after, turn)).toSatisfy(isStreamed)
        }

        expect((yield* end(after, calling)).type).toBe("thread.turn-interrupted")
        const calls = messageOf(after, calling).parts.filter((part) => part.type === "tool-call")
        expect(calls.map(({ error, input, status }) => [input, status, error?.code])).toEqual([
          [{ gauge: "north" }, "error", "Interrupted"],
          [{ gauge: "south" }, "completed", undefined],
          [{ gauge: "tunnel" }, "error", "Interrupted"]
        ])

        expect((yield* end(after, parked)).type).toBe("thread.turn-completed")
        expect(typesOf(after, parked, /^(session|request)-/).slice(0, 6)).toEqual([
          "session-opened",
          "request-opened",
          "session-closed",
          "request-resolved",
          "session-opened",
          "request-taken"
        ])

        // What lasts for a moment only: a session just opened, a turn just told to stop, and turns that nobody has claimed yet.
        const stopping = turnOf("stream", { ...endless, intervalMs: 10 })
        const opening = turnOf("stream", { deltas: 8, intervalMs: 25 })
        const starting = many(8, "stream", { deltas: 8, intervalMs: 25 })
        yield* sendAll(after, [stopping])
        yield* after.untilType(stopping.threadId, "thread.message-segment-appended")
        yield* after.send(opening.commands)
        yield* after.untilType(opening.threadId, "thread.turn-started")
        yield* after.send([interrupt(stopping), ...commandsOf(starting)])
        yield* after.untilType(stopping.threadId, "thread.turn-interrupt-requested")
        yield* kill(second.server)

        const third = yield* afterRestart([stopping, opening, ...starting], [])
        expect(third.watch.log.slice(0, after.log.length)).toEqual(after.log)
        expect((yield* end(third.watch, stopping)).data.reason).not.toBe("server-restarted")
        expect(textOf(third.watch, stopping)).toSatisfy(isStreamed)
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "T9 kill the server in mid-text, and a second of it is the most that is lost, in every delivery mode",
    () =>
      Effect.gen(function* () {
        let server = yield* startServer(yield* environment)
        for (const length of [400, 900]) {
          const before = yield* watchLog(server.url)
          // At the pace of a model, a second is 250 code units. One of them is seen live; the others are a little ahead of it.
          const pace = { deltas: 10_000, deltaSize: 5, intervalMs: 20 }
          const second = 255
          const streaming = turnOf("stream", pace, "streaming")
          const turns = [turnOf("stream", pace, "buffered"), turnOf("stream", pace, "paragraph"), streaming]
          yield* sendAll(before, turns)
          const live = yield* watchLive(server, streaming)
          yield* live.until(length)
          yield* kill(server)

          server = yield* startServer(yield* environment)
          const after = yield* watchLog(server.url)
          for (const turn of turns) {
            expect(yield* end(after, turn)).toMatchObject({ data: { reason: "server-restarted" } })
            expect(messageOf(after, turn).status).toBe("interrupted")
            const text = textOf(after, turn)
            expect(text).toSatisfy(isStreamed)
            expect(live.seen() - text.length).toBeLessThanOrEqual(second + (turn === streaming ? 0 : 25))
          }
        }
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live(
    "A12 an answer given right after a kill -9 and restart goes on from the log, whether the turn was parked by then or not",
    () =>
      Effect.gen(function* () {
        const first = yield* startServer(yield* environment)
        const before = yield* watchLog(first.url)
        const waiting = many(2, "approval")
        const racing = many(6, "approval")
        yield* sendAll(before, [...waiting, ...racing])
        const answers = yield* Effect.forEach([...racing, ...waiting], (turn) => approval(before, turn))
        // Some of the answers are taken, some have just been given, and the last ones come later.
        yield* before.send(answers.slice(0, 3))
        yield* before.untilType(racing[0]!.threadId, "thread.request-resolved")
        yield* before.send(answers.slice(3, racing.length))
        yield* before.untilType(racing[0]!.threadId, "thread.request-taken")
        yield* kill(first)

        const second = yield* startServer(yield* environment)
        const after = yield* watchLog(second.url)
        for (const answer of answers) expect((yield* after.dispatch(answer)).status).toBe("accepted")
        for (const turn of [...racing, ...waiting]) yield* end(after, turn)

        for (const turn of [...racing, ...waiting]) {
          expectOrderly(after, turn)
          // Answered and not taken: as if nothing had happened. Taken: the runtime may have acted on it.
          expect(typesOf(after, turn, /^request-/)).toEqual([
            "request-opened",
            "request-resolved",
            "request-taken"
          ])
          expect(typesOf(after, turn, /^tool-call-(opened|closed)/)).toEqual([
            "tool-call-opened",
            "tool-call-closed"
          ])
        }
        for (const turn of waiting) {
          expect(typesOf(after, turn, /^(session|request-(o|t)|turn-(comp|int))/)).toEqual([
            "session-opened",
            "request-opened",
            "session-closed",
            "session-opened",
            "request-taken",
            "session-closed",
            "turn-completed"
          ])
        }
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})

const lease = (server: { readonly port: string }) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/health/ready`)
    return ((await response.json()) as { readonly lease: string }).lease
  })

describe("two servers on one database", () => {
  it.live(
    "E10 kill -9 the holder, and the other takes over within 10 s, starts what was not claimed, and calls no runtime twice",
    () =>
      Effect.gen(function* () {
        const holder = yield* startServer(yield* environment)
        const other = yield* startServer(yield* environment)
        expect([yield* lease(holder), yield* lease(other)]).toEqual(["held", "not-held"])
        const watch = yield* watchLog(other.url)
        const here = yield* watchLog(holder.url)

        // What came in by one of them, the other one goes on with.
        const shared = turnOf("approval")
        yield* sendAll(here, [shared])
        yield* approve(watch, shared)
        expect((yield* end(watch, shared)).type).toBe("thread.turn-completed")
        const again = yield* another(watch, shared)
        expect((yield* end(watch, again)).type).toBe("thread.turn-completed")

        const writing = turnOf("stream", { ...endless, intervalMs: 10 })
        const parked = turnOf("approval")
        yield* sendAll(here, [writing])
        yield* sendAll(watch, [parked])
        yield* watch.untilType(writing.threadId, "thread.message-segment-appended")
        yield* watch.untilType(parked.threadId, "thread.request-opened")
        const starting = many(8, "stream", { deltas: 8, intervalMs: 25 })
        yield* here.send(commandsOf(starting))
        yield* here.untilType(starting[0]!.threadId, "thread.session-opened")
        yield* kill(holder)

        const unclaimed = many(4, "hello")
        const turns = [shared, writing, parked, ...starting, ...unclaimed]
        const next = yield* Effect.gen(function* () {
          yield* sendAll(watch, [...starting, ...unclaimed])
          const next = yield* Effect.forEach([shared, writing], (turn) => another(watch, turn))
          yield* approve(watch, parked)
          expect((yield* end(watch, writing)).type).toBe("thread.turn-interrupted")
          return next
        }).pipe(Effect.timeout("10 seconds"))
        expect(yield* lease(other)).toBe("held")
        for (const turn of [...turns, ...next]) yield* end(watch, turn)

        for (const turn of turns) expectOrderly(watch, turn)
        for (const turn of [parked, ...unclaimed]) {
          expect((yield* end(watch, turn)).type).toBe("thread.turn-completed")
        }
        for (const turn of unclaimed) expect(typesOf(watch, turn, /^session-opened/)).toHaveLength(1)
        expect(watch.log.map(({ position }) => position)).toEqual(watch.log.map((_, i) => i + 1))
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})
