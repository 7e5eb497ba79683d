import { describe, expect, it } from "@effect/vitest"
import { CloseCode, COMMAND_TEXT_LIMIT, FRAME_LIMIT, type ServerFrame } from "@spillway/contracts"
import { Effect } from "effect"
import * as fc from "fast-check"
import { createThread, newThreadId, respondTo, startTurn } from "../../testing/commands.ts"
import type { TestClient } from "../../testing/TestClient.ts"
import { testRuntime } from "../../testing/TestRuntime.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { SKIPPABLE_FRAME } from "./ClientSocket.ts"

/** The connection goes on: a ping is answered, and nothing else came before the answer. */
const expectAlive = Effect.fnUntraced(function* (client: TestClient) {
  yield* client.send({ type: "ping" })
  yield* client.expect("pong")
})

const command = (but: Record<string, unknown>) => ({
  type: "command",
  command: { ...startTurn(newThreadId()), ...but }
})

describe("bad input gets a tagged error that says what to do, and the connection goes on", () => {
  it.live("a frame that is not JSON, not an object, without a type, or binary", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      for (const text of ["{", "", "7", "null", "[]", '"hello"', "{}", '{"type":7}', '{"type":null}']) {
        yield* client.send(text)
        expect(yield* client.expect("error")).toMatchObject({ code: "malformed-frame", retryable: false })
      }
      yield* Effect.sync(() => client.socket.send(Buffer.from([1, 2, 3])))
      expect(yield* client.expect("error")).toMatchObject({
        code: "malformed-frame",
        message: "The frame is binary: send JSON as text frames."
      })
      yield* expectAlive(client)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("a frame that breaks its shape: the message names the field", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const cases: ReadonlyArray<readonly [unknown, string, string]> = [
        [{ type: "ack" }, "malformed-frame", "`seq` is missing."],
        [{ type: "ack", seq: "1" }, "malformed-frame", "`seq` must be a number."],
        [
          { type: "subscribe", id: "a b", subscription: { to: "threads" } },
          "malformed-frame",
          "`id` must be a name of 1 to 64 printable ASCII characters without spaces."
        ],
        [
          { type: "subscribe", id: "s", subscription: { to: "planet" } },
          "malformed-frame",
          '`subscription` must be an object with `to` "thread", an object with `to` "threads" or an object with `to` "log".'
        ],
        [
          { type: "command" },
          "malformed-frame",
          "`command` must be an object with `type`, `commandId` and `threadId`."
        ],
        [command({ threadId: undefined }), "command-invalid", "`threadId` is missing."],
        [command({ threadId: 7 }), "command-invalid", "`threadId` must be a string."],
        [
          command({ threadId: "with space" }),
          "command-invalid",
          "`threadId` must be an id of printable ASCII characters without spaces."
        ],
        [
          command({ ifBusy: "panic" }),
          "command-invalid",
          '`ifBusy` must be "queue", "reject", "interrupt" or "steer".'
        ],
        [
          command({ assistantDeliveryMode: 1 }),
          "command-invalid",
          '`assistantDeliveryMode` must be "buffered", "streaming" or "paragraph".'
        ]
      ]
      for (const [frame, code, message] of cases) {
        yield* client.send(frame as Record<string, unknown>)
        expect(yield* client.expect("error")).toMatchObject({ code, message })
      }
      yield* expectAlive(client)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("a command that there is not: the commands that there are", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      yield* client.send({
        type: "command",
        command: { type: "thread.explode", commandId: "c1", threadId: "t" }
      })
      expect(yield* client.expect("error")).toMatchObject({
        code: "command-invalid",
        commandId: "c1",
        message: expect.stringMatching(/^There is no command "thread.explode": use one of thread\.create, /)
      })
      // What ingestion may do, a client may not.
      yield* client.send({
        type: "command",
        command: { type: "thread.turn.close", commandId: "c2", threadId: "t" }
      })
      expect((yield* client.expect("error")).code).toBe("command-invalid")
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("a text over the limit: how long it is and how long it may be; at the limit it is taken", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const threadId = newThreadId()
      yield* client.send({ type: "command", command: createThread(threadId) })
      yield* client.expect("receipt")
      const tooLong = startTurn(threadId, { text: "x".repeat(COMMAND_TEXT_LIMIT + 1) })
      yield* client.send({ type: "command", command: tooLong })
      expect(yield* client.expect("error")).toMatchObject({
        code: "text-too-long",
        commandId: tooLong.commandId,
        message: expect.stringContaining(
          `${COMMAND_TEXT_LIMIT + 1} characters long and the limit is ${COMMAND_TEXT_LIMIT}`
        )
      })
      yield* client.send({
        type: "command",
        command: startTurn(threadId, { text: "x".repeat(COMMAND_TEXT_LIMIT) })
      })
      expect((yield* client.expect("receipt")).receipt.status).toBe("accepted")
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live(
    "a frame over 1 MiB: it is skipped; one many times as large ends the connection, with the same error",
    () =>
      Effect.gen(function* () {
        const client = yield* connectHere()
        for (const size of [FRAME_LIMIT + 1, SKIPPABLE_FRAME]) {
          yield* client.send("x".repeat(size))
          expect(yield* client.expect("error")).toMatchObject({
            code: "frame-too-large",
            message: expect.stringContaining(String(FRAME_LIMIT))
          })
          yield* expectAlive(client)
        }
        yield* client.send(`{"type":"ping","x":"${"x".repeat(FRAME_LIMIT - 23)}"}`)
        yield* client.expect("pong")
        yield* client.send("x".repeat(SKIPPABLE_FRAME + 1))
        expect((yield* client.expect("error")).code).toBe("frame-too-large")
        expect((yield* client.closed).code).toBe(CloseCode.frameTooLarge)
        yield* expectAlive(yield* connectHere())
      }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("frames of unknown types are ignored", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      for (const type of ["presence", "toString", "__proto__", "constructor", ""])
        yield* client.send({ type })
      yield* expectAlive(client)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("subscriptions: a name that is taken, one that is not there, one too many, an unknown thread", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const subscribe = (id: string) =>
        client.send({ type: "subscribe", id, subscription: { to: "log", from: "tail" } })
      yield* subscribe("s1")
      yield* client.expect("caught-up")
      yield* subscribe("s1")
      expect(yield* client.expect("error")).toMatchObject({ code: "subscription-exists", id: "s1" })
      yield* client.send({ type: "unsubscribe", id: "s2" })
      expect(yield* client.expect("error")).toMatchObject({ code: "subscription-unknown", id: "s2" })
      for (let i = 2; i <= 64; i++) yield* subscribe(`s${i}`)
      yield* subscribe("s65")
      const frames = yield* client.until((frame) => frame.type === "error")
      expect(frames.at(-1)).toMatchObject({ code: "subscription-limit", id: "s65" })
      yield* client.send({ type: "unsubscribe", id: "s1" })
      yield* client.send({
        type: "subscribe",
        id: "s1",
        subscription: { to: "thread", threadId: "nowhere", from: "snapshot" }
      })
      const refused = (yield* client.until((frame) => frame.type === "error")).at(-1)
      expect(refused).toMatchObject({
        code: "thread-not-found",
        id: "s1",
        message: expect.stringContaining("thread.create")
      })
      // It left no subscription behind, so its name is free.
      yield* subscribe("s1")
      yield* client.until((frame) => frame.type === "caught-up" && frame.id === "s1")
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live(
    "an unknown thread, and a second answer to a request: a receipt that rejects, and says what to do",
    () =>
      Effect.gen(function* () {
        const client = yield* connectHere()
        yield* client.send({ type: "command", command: startTurn(newThreadId()) })
        expect((yield* client.expect("receipt")).receipt).toMatchObject({
          status: "rejected",
          rejection: { _tag: "ThreadNotFound", message: expect.stringContaining("thread.create") }
        })
        const threadId = newThreadId()
        const start = startTurn(threadId)
        yield* client.send({ type: "command", command: createThread(threadId) })
        yield* client.send({ type: "command", command: start })
        yield* client.expect("receipt")
        yield* client.expect("receipt")
        const runtime = yield* testRuntime(threadId, start.turnId)
        yield* runtime.begin
        yield* runtime.ask("0")
        yield* client.send({ type: "command", command: respondTo(threadId, "0") })
        expect((yield* client.expect("receipt")).receipt.status).toBe("accepted")
        yield* client.send({ type: "command", command: respondTo(threadId, "0") })
        expect((yield* client.expect("receipt")).receipt).toMatchObject({
          status: "rejected",
          rejection: { _tag: "RequestAlreadyResolved" }
        })
      }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("whatever JSON comes, it is answered or ignored, and the server lives", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const type = fc.constantFrom("command", "subscribe", "unsubscribe", "ack", "ping", "pong", "hello")
      const inner = fc.record(
        { type: fc.constantFrom("thread.create", "thread.turn.start", "x") },
        { requiredKeys: [] }
      )
      const frame = fc.oneof(
        fc.json(),
        fc.string({ unit: "binary" }),
        fc
          .record({ type, id: fc.jsonValue(), seq: fc.jsonValue(), subscription: fc.jsonValue() })
          .map((value) => JSON.stringify(value)),
        fc
          .record({
            type,
            command: fc
              .tuple(inner, fc.dictionary(fc.string(), fc.jsonValue()))
              .map(([a, b]) => ({ ...b, ...a }))
          })
          .map((value) => JSON.stringify(value))
      )
      for (const text of fc.sample(frame, 400)) yield* client.send(text)
      yield* client.send({ type: "subscribe", id: "last", subscription: { to: "log", from: "tail" } })
      const isLast = (answer: ServerFrame) => answer.type === "caught-up" && answer.id === "last"
      for (const answer of yield* client.until(isLast)) {
        expect(["error", "pong", "caught-up", "snapshot", "receipt"]).toContain(answer.type)
        if (answer.type === "error")
          expect(answer.message).not.toMatch(/ at |node_modules|select |SchemaError/)
      }
    }).pipe(Effect.provide(layerTestServer()))
  )
})
