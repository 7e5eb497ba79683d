import { describe, expect, it } from "@effect/vitest"
import { type ClientCommand, CommandId, DEFAULT_TENANT } from "@spillway/contracts"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { CommandFailed, EventLog, OutcomeUnknown, ThreadEngine, Unavailable } from "@spillway/orchestration"
import { Effect, Layer, Logger } from "effect"
import { createThread, newThreadId, respondTo, startTurn } from "../../testing/commands.ts"
import { request } from "../../testing/httpRequest.ts"
import { testRuntime } from "../../testing/TestRuntime.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { layerServer } from "../../testing/TestSpillway.ts"

const send = (body: unknown, headers: Record<string, string> = {}) =>
  request("/v1/commands", { body, headers })

const withoutId = ({ commandId: _, ...command }: ClientCommand) => command

const versionOf = (threadId: string) =>
  Effect.flatMap(EventLog, (log) =>
    log.readThread({ tenant: DEFAULT_TENANT, threadId: threadId as never, afterVersion: 0, limit: 100 })
  ).pipe(Effect.map((events) => events.length))

describe("a command over HTTP", () => {
  it.live("is answered by its receipt, which a websocket would get too", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      const start = startTurn(threadId)
      const { headers, json, status } = yield* send(start)
      expect({ status, json }).toEqual({
        status: 200,
        json: { status: "accepted", commandId: start.commandId, threadId, version: 4 }
      })
      expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" })
      const client = yield* connectHere()
      yield* client.send({ type: "command", command: start })
      expect((yield* client.expect("receipt")).receipt).toEqual(json)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live(
    "E1 sent again, at once or later, with its id in body, header or both, has one effect and the same receipt",
    () =>
      Effect.gen(function* () {
        const threadId = newThreadId()
        yield* send(createThread(threadId))
        const start = startTurn(threadId)
        const key = { "idempotency-key": start.commandId }
        const answers = yield* Effect.all(
          [
            send(start),
            send(withoutId(start), key),
            send(start, key),
            send(start),
            send(withoutId(start), key)
          ],
          { concurrency: "unbounded" }
        )
        answers.push(yield* send(withoutId(start), key))
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
        expect(yield* versionOf(threadId)).toBe(4)
      }).pipe(Effect.provide(layerTestServer()))
  )

  it.live(
    "E1 sent again after a restart has the same receipt, accepted or refused, and no second effect",
    () =>
      Effect.gen(function* () {
        const threadId = newThreadId()
        const create = createThread(threadId)
        const rename = { type: "thread.update", threadId, title: "A title" }
        const again = { ...createThread(threadId), commandId: CommandId.make(`again-${threadId}`) }
        const all = Effect.gen(function* () {
          const created = yield* send(create)
          const renamed = yield* send(rename, { "idempotency-key": `rename-${threadId}` })
          const refused = yield* send(again)
          const { json } = yield* request(`/v1/threads/${threadId}/events`)
          return [created.text, renamed.text, refused.text, json.version]
        })
        const before = yield* Effect.provide(all, layerServer)
        expect(before.at(-1)).toBe(2)
        expect(yield* Effect.provide(all, layerServer)).toEqual(before)
      }).pipe(Effect.provide(TestDatabase.layer))
  )

  it.live("E1 under the id of another one is a conflict, and changes nothing", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      const start = startTurn(threadId)
      yield* send(start)
      const others = [
        send({ ...start, text: "something else" }),
        send({ ...withoutId(start), text: "something else" }, { "idempotency-key": start.commandId }),
        send({ ...createThread(newThreadId()), commandId: start.commandId })
      ]
      for (const other of others) {
        expect(yield* other).toMatchObject({
          status: 409,
          json: {
            code: "CommandIdConflict",
            retryable: false,
            receipt: { status: "rejected", commandId: start.commandId }
          }
        })
      }
      expect(yield* versionOf(threadId)).toBe(4)
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("that is refused is a problem by its tag, and the same one when it is sent again", () =>
    Effect.gen(function* () {
      const threadId = newThreadId()
      yield* send(createThread(threadId))
      const start = startTurn(threadId)
      yield* send(start)
      const runtime = yield* testRuntime(threadId, start.turnId)
      yield* runtime.begin
      yield* runtime.ask("may-i")
      const archive = { type: "thread.archive", threadId }
      const input = { type: "input", answers: { a: "b" } }
      const deleted = newThreadId()
      yield* send(createThread(deleted))
      yield* send({ type: "thread.delete", threadId: deleted, commandId: CommandId.make(`d-${deleted}`) })
      const refused: ReadonlyArray<readonly [unknown, number, string]> = [
        [withoutId(createThread(threadId)), 409, "ThreadAlreadyExists"],
        [withoutId(startTurn(newThreadId())), 404, "ThreadNotFound"],
        [{ ...withoutId(startTurn(threadId)), ifBusy: "reject" }, 409, "TurnAlreadyActive"],
        [archive, 409, "TurnAlreadyActive"],
        [{ type: "thread.turn.interrupt", threadId, turnId: "nobody" }, 404, "TurnNotFound"],
        [withoutId(respondTo(threadId, "nobody")), 404, "RequestNotFound"],
        [{ ...withoutId(respondTo(threadId, "may-i")), response: input }, 422, "ResponseDoesNotFit"],
        [withoutId(startTurn(deleted)), 410, "ThreadDeleted"]
      ]
      for (const [i, [command, status, code]] of refused.entries()) {
        const key = { "idempotency-key": `refused-${threadId}-${i}` }
        const first = yield* send(command, key)
        expect(first, code).toMatchObject({
          status,
          headers: { "content-type": "application/problem+json" },
          json: {
            status,
            code,
            retryable: false,
            receipt: { status: "rejected", commandId: key["idempotency-key"], rejection: { _tag: code } }
          }
        })
        expect(first.json.detail).toBe(first.json.receipt.rejection.message)
        expect((yield* send(command, key)).text).toBe(first.text)
      }
    }).pipe(Effect.provide(layerTestServer()))
  )

  const answering = (error: Effect.Error<ReturnType<ThreadEngine["Service"]["dispatch"]>>) =>
    layerTestServer(
      {},
      undefined,
      undefined,
      Layer.effect(
        ThreadEngine,
        Effect.map(ThreadEngine, (engine) =>
          ThreadEngine.of({ ...engine, dispatch: () => Effect.fail(error) })
        )
      )
    )

  const failures = [
    [new Unavailable({ message: "gone" }), 503, "unavailable", true, /send the same command again/],
    [
      new OutcomeUnknown({ message: "gone" }),
      503,
      "outcome-unknown",
      true,
      /its receipt tells what happened/
    ],
    [new CommandFailed({ message: "select 1" }), 500, "internal", false, /its log tells why/]
  ] as const
  for (const [error, status, code, retryable, detail] of failures) {
    it.live(`that fails as ${error._tag} is ${status}, which says whether to send it again`, () =>
      Effect.gen(function* () {
        const answer = yield* send(createThread(newThreadId()))
        expect(answer).toMatchObject({
          status,
          headers: { "content-type": "application/problem+json" },
          json: { status, code, retryable, detail: expect.stringMatching(detail) }
        })
        expect(answer.headers["retry-after"]).toBe(status === 503 ? "1" : undefined)
        expect(answer.text).not.toMatch(/gone|select/)
      }).pipe(Effect.provide(Layer.provideMerge(answering(error), Logger.layer([]))))
    )
  }
})
