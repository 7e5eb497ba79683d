import { describe, expect, it } from "@effect/vitest"
import { RUNTIME_FRAME_LIMIT, RUNTIME_PROTOCOL, RuntimeCloseCode } from "@spillway/contracts/runtime-protocol"
import { ThreadEngine } from "@spillway/orchestration"
import { Effect, Layer, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { respondTo } from "../../testing/commands.ts"
import { readMetrics } from "../../testing/readMetrics.ts"
import { closeGate, layerRemoteServer, LogGate, RUNTIME_TOKEN } from "../../testing/RemoteServer.ts"
import { endOf, eventOf, saidIn, startOwn, tester, viewOf } from "../../testing/remoteTurn.ts"
import { connectHost, delta, own, type TestHost } from "../../testing/TestHost.ts"

/** However slow the machine is, text at risk stops nothing. */
const onServer = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  body.pipe(Effect.scoped, Effect.provide(layerRemoteServer({ ingestion: { atRiskLimit: 60_000 } })))

const hello = { type: "hello", protocol: RUNTIME_PROTOCOL, token: RUNTIME_TOKEN, runtimes: [own] }

/** A turn that a host has begun, with its first step open: the next report is number 2. */
const begun = Effect.gen(function* () {
  const host = yield* connectHost()
  const { threadId, turnId } = yield* startOwn()
  const start = yield* host.until("start")
  host.report(start, 1, { type: "step.open", model: "m-1" })
  const step = yield* host.until("step-opened")
  return { host, threadId, turnId, start, step }
})

/** A piece of text for each number after `after`, up to `through`. */
const letters = (after: number, through: number) =>
  Array.from({ length: through - after }, (_, i) => delta(`${after + i + 1} `))

/** How the server ends the connection, and what it says. */
const refusal = (host: TestHost) =>
  Effect.gen(function* () {
    const { code, expected, message, retryable } = yield* host.until("error")
    return { code, expected, message, retryable, closed: (yield* host.closed).code }
  })

describe("a host's hello", () => {
  it.live("must carry the runtimes' token, and so may the upgrade; an address never does", () =>
    onServer(
      Effect.gen(function* () {
        for (const token of [null, "wrong", `${RUNTIME_TOKEN}x`]) {
          const host = yield* connectHost({ hello: false })
          host.send({ ...hello, token: token ?? undefined })
          expect(yield* refusal(host)).toMatchObject({
            code: "unauthorized",
            message: expect.stringContaining("SPILLWAY_RUNTIME_TOKEN"),
            closed: RuntimeCloseCode.unauthorized
          })
        }
        const wrong = yield* Effect.flip(connectHost({ headers: { authorization: "Bearer wrong" } }))
        expect(wrong).toBe(401)
        const page = yield* Effect.flip(connectHost({ headers: { origin: "https://elsewhere.example" } }))
        expect(page).toBe(403)
        yield* connectHost({ headers: { authorization: `Bearer ${RUNTIME_TOKEN}` }, token: null })
      })
    )
  )

  it.live("lets nobody in where the server has no such token", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(connectHost())).toBe(404)
    }).pipe(Effect.scoped, Effect.provide(layerRemoteServer({ runtimeToken: null })))
  )

  it.live("comes first, in a protocol that the server speaks, and names a runtime", () =>
    onServer(
      Effect.gen(function* () {
        for (const [frame, code, closed] of [
          [{ type: "ping" }, "hello-expected", RuntimeCloseCode.helloExpected],
          ["no json", "hello-expected", RuntimeCloseCode.helloExpected],
          [{ ...hello, runtimes: [] }, "hello-expected", RuntimeCloseCode.helloExpected],
          [
            { ...hello, protocol: "spillway-runtime.v9" },
            "unsupported-protocol",
            RuntimeCloseCode.unsupportedProtocol
          ]
        ] as const) {
          const host = yield* connectHost({ hello: false })
          host.send(frame)
          expect(yield* refusal(host)).toMatchObject({ code, closed })
        }
      })
    )
  )

  it.live("says what the host must keep to", () =>
    onServer(
      Effect.gen(function* () {
        const host = yield* connectHost({ hello: false })
        host.send(hello)
        expect(yield* host.next).toMatchObject({
          type: "welcome",
          protocol: RUNTIME_PROTOCOL,
          limits: { frameBytes: RUNTIME_FRAME_LIMIT, eventsPerFrame: 128, window: 128, graceSeconds: 10 }
        })
      })
    )
  )
})

describe("a host's reports", () => {
  it.live("V1 the message is reserved in the log before the step's opening is answered", () =>
    onServer(
      Effect.gen(function* () {
        const { host, start, step, threadId, turnId } = yield* begun
        expect(start).toMatchObject({
          runtime: "own",
          generation: 1,
          through: 0,
          until: 128,
          turn: {
            threadId,
            turnId,
            prompt: "hello",
            nextStepIndex: 0,
            history: [{ role: "user", text: "hello" }]
          }
        })
        expect(step).toMatchObject({ stepId: `${turnId}#0`, messageId: `${turnId}#0/message`, steering: [] })
        const [turn] = (yield* viewOf(threadId)).turns
        expect(turn!.messages.at(-1)).toMatchObject({
          messageId: step.messageId,
          status: "open",
          model: "m-1"
        })
        host.report(
          start,
          2,
          delta("done"),
          { type: "step.finished" },
          { type: "turn.completed", reason: "end" }
        )
        expect(yield* host.until("ended")).toMatchObject({ through: 4 })
        const ended = yield* endOf(threadId)
        expect(ended).toMatchObject({ status: "completed", reason: "end" })
        expect(saidIn(ended)).toEqual(["done"])
      })
    )
  )

  it.live("T9 are acked once they are durable, text at the latest a second after it came", () =>
    onServer(
      Effect.gen(function* () {
        const { host, start } = yield* begun
        host.report(start, 2, delta("half a "), delta("sentence"))
        const ack = yield* host.until("ack", ({ through }) => through >= 3)
        expect(ack).toMatchObject({ through: 3, until: 3 + 128 })
      })
    )
  )

  it.live("that came before are ignored", () =>
    onServer(
      Effect.gen(function* () {
        const { host, start, threadId } = yield* begun
        host.report(start, 2, delta("one, "), delta("two, "))
        host.report(start, 3, delta("not this"), delta("three"))
        host.report(start, 2, delta("nor this"))
        host.report(start, 5, { type: "turn.completed" })
        expect(saidIn(yield* endOf(threadId))).toEqual(["one, two, three"])
      })
    )
  )

  it.live(
    "with a gap before them end the connection, with the number that was expected, and lose nothing",
    () =>
      onServer(
        Effect.gen(function* () {
          const { host, start, threadId } = yield* begun
          host.report(start, 2, delta("one, "))
          host.report(start, 4, delta("three"))
          expect(yield* refusal(host)).toMatchObject({
            code: "sequence-gap",
            expected: 3,
            message: expect.stringContaining("3 was expected"),
            retryable: true,
            closed: RuntimeCloseCode.outOfOrder
          })
          const again = yield* connectHost({ sessions: [start] })
          expect(yield* again.until("attached")).toMatchObject({ received: 2 })
          again.report(start, 3, delta("two, "), delta("three"), { type: "turn.completed" })
          expect(saidIn(yield* endOf(threadId))).toEqual(["one, two, three"])
        })
      )
  )

  it.live(
    "T11 beyond the credit end the connection; a thread that takes no more gives none, and nothing is lost",
    () =>
      onServer(
        Effect.gen(function* () {
          const { host, start, threadId } = yield* begun
          const gate = yield* LogGate
          yield* closeGate
          // Has to be committed, and can't be.
          host.report(start, 2, { type: "notice", level: "info", text: "wait" })
          /** As much as the thread's lane holds, and as much as may be on its way to it. */
          const most = 1 + 128 + 128
          let sent = 2
          let until = start.until
          // Credit comes in quarters of the window.
          while (sent <= most - 32) {
            host.report(start, sent + 1, ...letters(sent, until))
            sent = until
            if (sent <= most - 32) ({ until } = yield* host.until("ack", (ack) => ack.until > sent))
          }
          host.report(start, sent + 1, ...letters(sent, most + 1))
          expect(yield* refusal(host)).toMatchObject({
            code: "window-exceeded",
            message: expect.stringContaining(`up to ${most} was allowed`),
            retryable: true,
            closed: RuntimeCloseCode.outOfOrder
          })
          const again = yield* connectHost({ sessions: [start] })
          expect(yield* again.until("attached")).toMatchObject({ received: most, until: most })
          yield* gate.open
          yield* again.until("ack", (ack) => ack.until > most)
          again.report(start, most + 1, { type: "turn.completed" })
          expect(saidIn(yield* endOf(threadId))).toEqual([
            letters(2, most)
              .map((event) => event.delta)
              .join("")
          ])
        })
      )
  )

  it.live("T17 of an older generation are fenced out, and so is its host", () =>
    onServer(
      Effect.gen(function* () {
        const { host, start } = yield* begun
        const older = { sessionId: start.sessionId, generation: 0 }
        host.report(older, 1, delta("from the past"))
        expect(yield* host.until("fenced")).toMatchObject(older)
        const late = yield* connectHost({ sessions: [older, { ...start, generation: 2 }] })
        expect(yield* late.until("fenced")).toMatchObject({ message: expect.stringContaining("not open") })
        expect(yield* late.until("fenced")).toMatchObject({ sessionId: start.sessionId })
      })
    )
  )

  it.live("of a session that is over are answered with its end, also to a host that comes back for it", () =>
    onServer(
      Effect.gen(function* () {
        const { host, start, threadId } = yield* begun
        host.report(start, 2, { type: "turn.completed" })
        yield* endOf(threadId)
        const again = yield* connectHost({ sessions: [start] })
        expect(yield* again.until("ended")).toMatchObject({ generation: 1, through: 2 })
      })
    )
  )

  it.live(
    "that can't be read end the connection and nothing else: frames of no JSON, binary ones, wrong and large ones",
    () =>
      onServer(
        Effect.gen(function* () {
          const { host: first, start, threadId } = yield* begun
          const { generation, sessionId } = start
          const events = (event: unknown) => ({ type: "events", sessionId, generation, events: [event] })
          let host = first
          for (const [frame, code, closed] of [
            ["{", "malformed-frame", RuntimeCloseCode.malformed],
            [Buffer.from("{}"), "malformed-frame", RuntimeCloseCode.malformed],
            [events({ sourceSequence: 2, type: "no.such" }), "malformed-frame", RuntimeCloseCode.malformed],
            [
              events({ sourceSequence: 2, type: "text.delta" }),
              "malformed-frame",
              RuntimeCloseCode.malformed
            ],
            [
              `{"type":"events","sessionId":"s","generation":1,"events":[{"sourceSequence":2,"type":"tool-call.started","toolCallId":"t","name":"t","input":${"[".repeat(50_000)}${"]".repeat(50_000)}}]}`,
              "malformed-frame",
              RuntimeCloseCode.malformed
            ],
            [
              JSON.stringify(events(delta("x".repeat(RUNTIME_FRAME_LIMIT)))),
              "frame-too-large",
              RuntimeCloseCode.frameTooLarge
            ]
          ] as const) {
            host.send(frame)
            expect(yield* refusal(host)).toMatchObject({ code, closed })
            host = yield* connectHost({ sessions: [start] })
            expect(yield* host.until("attached")).toMatchObject({ received: 1 })
          }
          host.send({ type: "of another version" })
          host.report(start, 2, delta("still here"), { type: "turn.completed" })
          expect(saidIn(yield* endOf(threadId))).toEqual(["still here"])
        })
      )
  )
})

describe("a host that is lost", () => {
  it.live("A11 and does not come back ends its turn, with what it said", () =>
    Effect.gen(function* () {
      const { host, start, threadId } = yield* begun
      host.report(start, 2, delta("so far"), { type: "notice", level: "info", text: "kept" })
      yield* host.until("ack", ({ through }) => through >= 3)
      host.socket.terminate()
      const turn = yield* endOf(threadId)
      expect(turn).toMatchObject({
        status: "failed",
        reason: "runtime-lost",
        error: {
          code: "RuntimeDisconnected",
          message: expect.stringContaining("did not come back within 0.05 seconds"),
          retryable: true
        }
      })
      expect(saidIn(turn)).toEqual(["so far"])
    }).pipe(Effect.scoped, Effect.provide(layerRemoteServer({ grace: 50 })))
  )

  it.live(
    "A12 while a person is asked leaves the turn parked, where its runtime can go on from the log",
    () =>
      Effect.gen(function* () {
        const resumable = { ...own, resumable: true }
        const host = yield* connectHost({ runtimes: [resumable] })
        const { threadId } = yield* startOwn()
        const first = yield* host.until("start")
        const asks = { type: "request.opened", requestId: "r", kind: "approval", title: "May I?" }
        host.report(first, 1, { type: "step.open", model: null }, delta("may I? "), asks)
        yield* eventOf(threadId, "thread.request-opened")
        host.socket.terminate()
        expect((yield* eventOf(threadId, "thread.session-closed")).data).toMatchObject({ reason: "parked" })
        const other = yield* connectHost({ runtimes: [resumable] })
        const engine = yield* ThreadEngine
        yield* engine.dispatch(tester, respondTo(threadId, "r"))
        const second = yield* other.until("start")
        expect(second).toMatchObject({
          generation: 2,
          through: 0,
          turn: { turn: { requests: [{ status: "resolved" }] } }
        })
        other.report(second, 1, asks)
        expect(yield* other.until("respond")).toMatchObject({
          requestId: "r",
          response: { decision: "approve" }
        })
        other.report(second, 2, delta("thanks"), { type: "turn.completed" })
        expect(saidIn(yield* endOf(threadId))).toEqual(["may I? thanks"])
      }).pipe(Effect.scoped, Effect.provide(layerRemoteServer({ grace: 200 })))
  )
})

it.live("the metrics tell of hosts, of their sessions, and of what became of their reports", () =>
  Effect.gen(function* () {
    const read = (name: string) =>
      Effect.map(PrometheusMetrics.format(), (text) =>
        readMetrics(text)
          .get(name)
          ?.samples.map(({ labels, value }) => [...Object.values(labels), value].join(" "))
      )
    const { host, start, threadId } = yield* begun
    expect(yield* read("spillway_runtime_hosts")).toEqual(["1"])
    expect(yield* read("spillway_remote_sessions")).toEqual(["connected 1", "awaited 0"])
    host.report(start, 1, { type: "step.open", model: null }, delta("a"))
    host.report(start, 4, delta("too early"))
    yield* refusal(host)
    expect(yield* read("spillway_runtime_hosts")).toEqual(["0"])
    expect(yield* read("spillway_remote_sessions")).toEqual(["connected 0", "awaited 1"])
    expect(yield* read("spillway_runtime_reports_total")).toEqual(["taken 2", "repeated 1", "refused 1"])
    yield* endOf(threadId)
    expect(yield* read("spillway_remote_sessions")).toEqual(["connected 0", "awaited 0"])
  }).pipe(
    Effect.scoped,
    Effect.provide(
      layerRemoteServer({ grace: 50 }).pipe(
        Layer.provideMerge(Layer.sync(Metric.MetricRegistry, () => new Map()))
      )
    )
  )
)
