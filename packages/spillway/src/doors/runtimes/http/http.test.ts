import { describe, expect, it } from "@effect/vitest"
import { CommandId } from "@spillway/contracts"
import { RUNTIME_FRAME_LIMIT, RUNTIME_PROTOCOL } from "@spillway/contracts/runtime-protocol"
import { ThreadEngine } from "@spillway/orchestration"
import { RemoteHosts } from "@spillway/provider-runtimes"
import { Effect, Schedule } from "effect"
import { respondTo } from "../../../testing/commands.ts"
import { openRequest, reportLines, runtimeRequest, sessionPath } from "../../../testing/httpHost.ts"
import { closeGate, layerRemoteServer, LogGate } from "../../../testing/RemoteServer.ts"
import { endOf, eventOf, saidIn, startOwn, tester, viewOf } from "../../../testing/remoteTurn.ts"
import { connectHost, delta } from "../../../testing/TestHost.ts"

/** However slow the machine is, text at risk stops nothing. */
const onServer = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  body.pipe(Effect.scoped, Effect.provide(layerRemoteServer({ ingestion: { atRiskLimit: 60_000 } })))

/** A host that reads its work, and a turn that was given to it. */
const begun = Effect.gen(function* () {
  const work = yield* openRequest("GET", "work?runtime=own&announcesSteps=true&host=h1")
  yield* work.until("welcome")
  const { threadId, turnId } = yield* startOwn()
  const start = yield* work.until("start")
  return { work, start, threadId, turnId }
})

const opened = { type: "step.open", model: null }

describe("reports over HTTP", () => {
  it.live("T9 run a turn: a line each, acked as they are committed, with the end of it all last", () =>
    onServer(
      Effect.gen(function* () {
        const { start, threadId, turnId, work } = yield* begun
        const post = yield* openRequest("POST", sessionPath(start, "events"))
        post.request.write(reportLines(1, opened))
        expect(yield* post.until("step-opened")).toMatchObject({ stepId: `${turnId}#0`, steering: [] })
        expect((yield* viewOf(threadId)).turns[0]!.messages.at(-1)).toMatchObject({ status: "open" })
        // Cut anywhere, also within a line and within a character.
        const rest = Buffer.from(reportLines(2, delta("hällo "), delta("wörld"), { type: "turn.completed" }))
        for (let at = 0; at < rest.length; at += 7) post.request.write(rest.subarray(at, at + 7))
        post.request.end()
        const frames = yield* post.rest
        expect(frames.at(-1)).toMatchObject({ type: "final", through: 4, received: 4 })
        expect(saidIn(yield* endOf(threadId))).toEqual(["hällo wörld"])
        expect(yield* work.until("ended")).toMatchObject({ through: 4 })
        const after = yield* runtimeRequest(sessionPath(start, "cursor"))
        expect(after.json()).toMatchObject({
          status: 410,
          code: "ended",
          detail: expect.stringContaining("number 4")
        })
      })
    )
  )

  it.live("go on behind the cursor, in requests of any length, and say the same as the websocket's", () =>
    onServer(
      Effect.gen(function* () {
        const { start, threadId } = yield* begun
        const post = (body: string) => runtimeRequest(sessionPath(start, "events"), { method: "POST", body })
        yield* post(reportLines(1, opened, delta("one, ")))
        const cursor = yield* runtimeRequest(sessionPath(start, "cursor"))
        expect(cursor.json()).toMatchObject({ state: "open", through: 2, received: 2, until: 130 })
        // Sent again, and without an end to its last line.
        const second = yield* post(reportLines(2, delta("not this"), delta("two, ")).trimEnd())
        expect(JSON.parse(second.text.trim().split("\n").at(-1)!)).toMatchObject({
          type: "final",
          received: 3
        })
        // The same session on the other way, with the same numbers.
        const host = yield* connectHost({ sessions: [start] })
        expect(yield* host.until("attached")).toMatchObject({ received: 3 })
        // Only looking changes nothing …
        yield* runtimeRequest(sessionPath(start, "cursor"))
        host.report(start, 4, delta("three, "))
        yield* host.until("ack", ({ through }) => through === 4)
        // … and sending takes the session over.
        yield* post(reportLines(5, delta("four, ")))
        host.report(start, 6, delta("cut otherwise"))
        expect(yield* host.until("error")).toMatchObject({ code: "superseded", retryable: true })
        const again = yield* connectHost({ sessions: [start] })
        expect(yield* again.until("attached")).toMatchObject({ received: 5 })
        again.report(start, 6, delta("five"), { type: "turn.completed" })
        expect(saidIn(yield* endOf(threadId))).toEqual(["one, two, three, four, five"])
      })
    )
  )

  it.live(
    "with a gap are answered with the number that was expected, wrong ones with what is wrong, and none is lost",
    () =>
      onServer(
        Effect.gen(function* () {
          const { start, threadId } = yield* begun
          const post = (body: string) =>
            Effect.map(runtimeRequest(sessionPath(start, "events"), { method: "POST", body }), ({ text }) =>
              JSON.parse(text.trim().split("\n").at(-1)!)
            )
          expect(
            yield* post(reportLines(1, opened, delta("one, ")) + reportLines(4, delta("four")))
          ).toMatchObject({
            type: "error",
            code: "sequence-gap",
            expected: 3,
            retryable: true
          })
          expect(yield* post("no json\n")).toMatchObject({ type: "error", code: "malformed-frame" })
          expect(yield* post(reportLines(3, { type: "text.delta" }))).toMatchObject({
            code: "malformed-frame",
            message: expect.stringContaining("`itemId`")
          })
          expect(yield* post(reportLines(3, delta("x".repeat(RUNTIME_FRAME_LIMIT))))).toMatchObject({
            code: "frame-too-large"
          })
          yield* post(
            `\r\n${reportLines(3, delta("two"), { type: "turn.completed" }).replaceAll("\n", "\r\n")}`
          )
          expect(saidIn(yield* endOf(threadId))).toEqual(["one, two"])
        })
      )
  )

  it.live("T11 are read no further than the thread takes them, and go on by themselves", () =>
    onServer(
      Effect.gen(function* () {
        const { start, threadId } = yield* begun
        const post = yield* openRequest("POST", sessionPath(start, "events"))
        post.request.write(reportLines(1, opened))
        yield* post.until("step-opened")
        const gate = yield* LogGate
        yield* closeGate
        const word = `${"o".repeat(20_000)} `
        /** Far more than sockets hold. */
        const all = 700
        let written = 0
        const write = () => {
          while (written < all) {
            if (!post.request.write(reportLines(2 + written++, delta(word)))) {
              post.request.once("drain", write)
              return
            }
          }
          post.request.end(reportLines(2 + all, { type: "turn.completed" }))
        }
        write()
        const session = (yield* RemoteHosts).session(start)!
        const isFull = Effect.suspend(() => (session.isFull ? Effect.void : Effect.fail("not yet" as const)))
        yield* Effect.retry(isFull, Schedule.spaced("1 millis"))
        expect(session.received).toBeLessThanOrEqual(1 + 128 + 128)
        expect(written).toBeLessThan(all)
        yield* gate.open
        const frames = yield* post.rest
        expect(frames.at(-1)).toMatchObject({ type: "final", through: 2 + all })
        expect(saidIn(yield* endOf(threadId))[0]!.length).toBe(all * word.length)
      })
    )
  )

  it.live("of a request that another one has replaced are not taken in any more", () =>
    onServer(
      Effect.gen(function* () {
        const { start, threadId } = yield* begun
        const old = yield* openRequest("POST", sessionPath(start, "events"))
        old.request.write(reportLines(1, opened))
        yield* old.until("step-opened")
        const cursor = yield* runtimeRequest(sessionPath(start, "cursor"))
        expect(cursor.json()).toMatchObject({ received: 1 })
        old.request.end(reportLines(2, delta("cut otherwise")))
        expect(yield* old.until("error")).toMatchObject({ code: "superseded" })
        const body = reportLines(2, delta("said"), { type: "turn.completed" })
        yield* runtimeRequest(sessionPath(start, "events"), { method: "POST", body })
        expect(saidIn(yield* endOf(threadId))).toEqual(["said"])
      })
    )
  )
})

describe("a host over HTTP", () => {
  it.live("is told of answers and interrupts, and of a start that it lost", () =>
    onServer(
      Effect.gen(function* () {
        const { start: lost, threadId, turnId, work } = yield* begun
        work.request.destroy()
        const again = yield* openRequest("GET", "work?runtime=own&announcesSteps=true&host=h1")
        const start = yield* again.until("start")
        expect(start).toMatchObject({ sessionId: lost.sessionId, generation: 1, through: 0 })
        const asks = { type: "request.opened", requestId: "r", kind: "approval", title: "May I?" }
        yield* runtimeRequest(sessionPath(start, "events"), {
          method: "POST",
          body: reportLines(1, opened, asks)
        })
        const engine = yield* ThreadEngine
        yield* engine.dispatch(tester, respondTo(threadId, "r"))
        expect(yield* again.until("respond")).toMatchObject({
          requestId: "r",
          response: { decision: "approve" }
        })
        again.request.destroy()
        const named = encodeURIComponent(`${start.sessionId}@1`)
        const third = yield* openRequest("GET", `work?runtime=own&host=h1&session=${named}`)
        expect(yield* third.until("attached")).toMatchObject({ received: 2 })
        expect(yield* third.until("respond")).toMatchObject({ requestId: "r" })
        const commandId = CommandId.make("stop")
        yield* engine.dispatch(tester, { type: "thread.turn.interrupt", commandId, threadId, turnId })
        yield* third.until("interrupt")
        const body = reportLines(3, { type: "turn.aborted" })
        yield* runtimeRequest(sessionPath(start, "events"), { method: "POST", body })
        expect(yield* endOf(threadId)).toMatchObject({ status: "interrupted" })
      })
    )
  )

  it.live("must carry the runtimes' token in its header, and ask for what there is", () =>
    onServer(
      Effect.gen(function* () {
        const { start } = yield* begun
        for (const [path, options, status, code] of [
          ["work?runtime=own", { token: null }, 401, "unauthorized"],
          ["work?runtime=own", { token: "wrong" }, 401, "unauthorized"],
          [sessionPath(start, "cursor"), { token: "wrong" }, 401, "unauthorized"],
          [sessionPath(start, "events"), { method: "POST", body: "", token: null }, 401, "unauthorized"],
          ["work", {}, 400, "request-invalid"],
          ["work?runtime=own&token=runtime-secret", {}, 400, "request-invalid"],
          ["work?runtime=own&canSteer=maybe", {}, 400, "request-invalid"],
          ["work?runtime=own&session=nameless", {}, 400, "request-invalid"],
          ["work", { method: "POST", body: "" }, 405, "method-not-allowed"],
          ["ws", {}, 426, "upgrade-required"],
          ["nothing", {}, 404, "not-found"],
          [sessionPath({ ...start, generation: 7 }, "cursor"), {}, 409, "fenced"],
          [sessionPath({ ...start, generation: 7 }, "events"), { method: "POST", body: "" }, 409, "fenced"]
        ] as const) {
          const answer = yield* runtimeRequest(path, options)
          expect([path, answer.status, answer.json()["code"]]).toEqual([path, status, code])
        }
      })
    )
  )

  it.live("is told what to keep to, and that the server stops", () =>
    onServer(
      Effect.gen(function* () {
        const work = yield* openRequest("GET", "work?runtime=own")
        expect(yield* work.until("welcome")).toMatchObject({
          protocol: RUNTIME_PROTOCOL,
          limits: { frameBytes: RUNTIME_FRAME_LIMIT, requestSeconds: 45 }
        })
        const { threadId } = yield* startOwn()
        yield* work.until("start")
        yield* eventOf(threadId, "thread.session-opened")
      })
    )
  )
})
