import { expect, layer } from "@effect/vitest"
import { FRAME_LIMIT } from "@spillway/contracts"
import { type ProblemCode, Problem } from "@spillway/contracts/http-api"
import { Effect, Schema } from "effect"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import { request, type TestAnswer, type TestRequest } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

const decode = Schema.decodeUnknownSync(Problem)

/** It is a problem of this status and code, whose detail says what it must, and nothing of the server's inside. */
const isProblem = (answer: TestAnswer, status: number, code: ProblemCode, detail: RegExp) => {
  expect(answer).toMatchObject({
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    json: { type: "about:blank", status, code, detail: expect.stringMatching(detail) }
  })
  expect(decode(answer.json)).toMatchObject({ status, code })
  expect(answer.text).not.toMatch(/at .*\.ts|select |Error:/)
}

const thread = "/v1/threads/t1"

const requests: ReadonlyArray<readonly [string, TestRequest, number, ProblemCode, RegExp]> = [
  // Addresses and methods
  ["/", {}, 404, "not-found", /\/docs/],
  ["/v1", {}, 404, "not-found", /\/docs/],
  ["/v1/threads/", {}, 400, "request-invalid", /^`threadId` must be/],
  ["/V1/threads", {}, 404, "not-found", /\/docs/],
  ["//v1/threads", {}, 404, "not-found", /\/docs/],
  ["/v1/threads/t1/nothing", {}, 404, "not-found", /\/docs/],
  ["/v1/commands", { method: "GET" }, 405, "method-not-allowed", /does not take GET: use POST/],
  ["/v1/threads", { method: "POST", body: {} }, 405, "method-not-allowed", /does not take POST: use GET/],
  [thread, { method: "DELETE" }, 405, "method-not-allowed", /does not take DELETE: use GET/],
  ["/health/live", { method: "PUT" }, 405, "method-not-allowed", /use GET/],
  ["/v1/threads/%", {}, 400, "request-invalid", /%25/],
  ["/v1/threads/%zz/view", {}, 400, "request-invalid", /%25/],
  ["/v1/ws", {}, 426, "upgrade-required", /spillway\.v1/],
  ["/v1/ws?x=1", { method: "POST", body: {} }, 426, "upgrade-required", /websocket/],
  // Parameters
  ["/v1/threads/a%20b", {}, 400, "request-invalid", /^`threadId` must be an id of printable ASCII/],
  [`/v1/threads/${"x".repeat(601)}`, {}, 400, "request-invalid", /^`threadId` must be/],
  [`/v1/threads/${"x".repeat(3_000)}`, {}, 400, "request-invalid", /^`threadId` must be/],
  ["/v1/threads?limit=0", {}, 400, "request-invalid", /^`limit` must be a whole number from 1 to 200\.$/],
  ["/v1/threads?limit=201", {}, 400, "request-invalid", /^`limit` must be a whole number from 1 to 200\.$/],
  ["/v1/threads?limit=ten", {}, 400, "request-invalid", /^`limit` must be a whole number from 1 to 200\.$/],
  ["/v1/threads?limit=1e1", {}, 400, "request-invalid", /^`limit` must be/],
  ["/v1/threads?limit=", {}, 400, "request-invalid", /^`limit` must be/],
  ["/v1/threads?limit=1&limit=2", {}, 400, "request-invalid", /^`limit` must be/],
  ["/v1/threads?before=nonsense", {}, 400, "request-invalid", /^`before` must be the `next` of an answer\.$/],
  ["/v1/threads?before=a%20b", {}, 400, "request-invalid", /^`before` must be the `next` of an answer\.$/],
  [
    "/v1/threads?activity=lazy",
    {},
    400,
    "request-invalid",
    /^`activity` must be "idle", "working" or "waiting"/
  ],
  ["/v1/threads?archived=yes", {}, 400, "request-invalid", /^`archived` must be "true" or "false"/],
  [
    "/v1/threads?limt=5",
    {},
    400,
    "request-invalid",
    /^There is no `limt` here: leave it out, or mend its name\.$/
  ],
  [`${thread}/view?atVersion=0`, {}, 400, "request-invalid", /^`atVersion` must be a whole number from 1 on/],
  [
    `${thread}/events?after=-1`,
    {},
    400,
    "request-invalid",
    /^`after` must be tail or a whole number from 0 on/
  ],
  [
    `${thread}/events?limit=1001`,
    {},
    400,
    "request-invalid",
    /^`limit` must be a whole number from 1 to 1000/
  ],
  ["/v1/log/events?after=1.5", {}, 400, "request-invalid", /^`after` must be/],
  // Things that are not there
  ["/v1/threads/nobody", {}, 404, "thread-not-found", /There is no thread nobody/],
  ["/v1/threads/nobody/view", {}, 404, "thread-not-found", /There is no thread nobody/],
  ["/v1/threads/nobody/view?atVersion=1", {}, 404, "thread-not-found", /There is no thread nobody/],
  ["/v1/threads/nobody/turns", {}, 404, "thread-not-found", /There is no thread nobody/],
  ["/v1/threads/nobody/events", {}, 404, "thread-not-found", /There is no thread nobody/],
  [`${thread}/view?atVersion=9`, {}, 409, "cursor-invalid", /no state at version 9/],
  [`${thread}/events?after=9`, {}, 409, "cursor-invalid", /the cursor says 9/],
  [`${thread}/events?after=0&logId=other`, {}, 409, "cursor-invalid", /another log/],
  ["/v1/log/events?after=999", {}, 409, "cursor-invalid", /the cursor says 999/],
  ["/v1/log/events?logId=other", {}, 409, "cursor-invalid", /another log/]
]

const command = (body: unknown, headers: Record<string, string> = {}): TestRequest => ({ body, headers })
const create = { type: "thread.create", threadId: "t2" }

const commands: ReadonlyArray<readonly [string, TestRequest, number, ProblemCode, RegExp]> = [
  ["nothing", command(""), 400, "request-invalid", /not JSON/],
  ["half of something", command('{"type":'), 400, "request-invalid", /not JSON/],
  [
    "bytes that are no UTF-8",
    command(Buffer.from([0x7b, 0xff, 0x7d])),
    400,
    "request-invalid",
    /not JSON in UTF-8/
  ],
  ["a list", command([create]), 400, "request-invalid", /not an object/],
  ["a text", command('"thread.create"'), 400, "request-invalid", /not an object/],
  ["null", command("null"), 400, "request-invalid", /not an object/],
  ["no type", command({ commandId: "c", threadId: "t" }), 400, "command-invalid", /no `type`/],
  [
    "a type that is none",
    command({ ...create, type: "thread.explode", commandId: "c" }),
    400,
    "command-invalid",
    /^There is no command "thread\.explode": use one of thread\.create, /
  ],
  ["no id", command(create), 400, "command-invalid", /has no id.*`commandId`.*`Idempotency-Key`/],
  [
    "two ids",
    command({ ...create, commandId: "a" }, { "idempotency-key": "b" }),
    400,
    "command-invalid",
    /are not the same/
  ],
  [
    "an id with a space",
    command(create, { "idempotency-key": "a b" }),
    400,
    "request-invalid",
    /^`idempotency-key` must be an id/
  ],
  [
    "an id that is too long",
    command(create, { "idempotency-key": "a".repeat(129) }),
    400,
    "request-invalid",
    /^`idempotency-key` must be an id of at most 128/
  ],
  [
    "no thread",
    command({ type: "thread.create", commandId: "c" }),
    400,
    "command-invalid",
    /^`threadId` is missing/
  ],
  [
    "a field of another kind",
    command({ ...create, commandId: "c", title: 7 }),
    400,
    "command-invalid",
    /^`title` must be a string/
  ],
  [
    "a text that is too long",
    command({ ...startTurn(newThreadId()), text: "x".repeat(80_001) }),
    413,
    "text-too-long",
    /80001 characters long and the limit is 80000/
  ],
  ["more than a body may hold", command("x".repeat(FRAME_LIMIT + 1)), 413, "body-too-large", /1048576 bytes/],
  [
    "more than that, in chunks",
    command("x".repeat(FRAME_LIMIT + 1), { "transfer-encoding": "chunked" }),
    413,
    "body-too-large",
    /1048576 bytes/
  ],
  [
    "a form",
    command("type=thread.create", { "content-type": "application/x-www-form-urlencoded" }),
    415,
    "unsupported-media-type",
    /^The body is application\/x-www-form-urlencoded: send JSON/
  ],
  [
    "something compressed",
    command(create, { "content-encoding": "gzip" }),
    415,
    "unsupported-media-type",
    /compressed/
  ]
]

layer(layerTestServer(), { excludeTestServices: true })(
  "what can't be answered is a problem that says what to do",
  (it) => {
    for (const [path, asked, status, code, detail] of requests) {
      it.effect(`${asked.method ?? "GET"} ${path.slice(0, 60)} is ${status} ${code}`, () =>
        Effect.gen(function* () {
          yield* request("/v1/commands", {
            body: { type: "thread.create", threadId: "t1", commandId: "c1" }
          })
          isProblem(yield* request(path, asked), status, code, detail)
        })
      )
    }

    for (const [what, asked, status, code, detail] of commands) {
      it.effect(`${what} as a command is ${status} ${code}`, () =>
        Effect.gen(function* () {
          isProblem(yield* request("/v1/commands", asked), status, code, detail)
          // The server goes on.
          expect((yield* request("/v1/commands", { body: createThread(newThreadId()) })).status).toBe(200)
        })
      )
    }

    it.effect("an address says which methods it takes", () =>
      Effect.gen(function* () {
        const methodsOf = (path: string, method: string) =>
          Effect.map(request(path, { method }), ({ headers, status }) => [status, headers["allow"]])
        expect(yield* methodsOf("/v1/threads", "DELETE")).toEqual([405, "GET, HEAD, OPTIONS"])
        expect(yield* methodsOf("/v1/commands", "GET")).toEqual([405, "POST, OPTIONS"])
        expect(yield* methodsOf("/v1/commands", "HEAD")).toEqual([405, "POST, OPTIONS"])
        expect(yield* methodsOf("/v1/threads/t1/view", "OPTIONS")).toEqual([204, "GET, HEAD, OPTIONS"])
        expect(yield* methodsOf("/nothing", "OPTIONS")).toEqual([404, undefined])
      })
    )

    it.effect("HEAD answers as GET does, without the body", () =>
      Effect.gen(function* () {
        for (const path of [
          "/v1/info",
          "/health/ready",
          "/v1/threads",
          "/docs",
          "/openapi.json",
          "/v1/threads/x"
        ]) {
          const got = yield* request(path)
          const { headers, status, text } = yield* request(path, { method: "HEAD" })
          expect({ status, text, type: headers["content-type"], length: headers["content-length"] }).toEqual({
            status: got.status,
            text: "",
            type: got.headers["content-type"],
            length: got.headers["content-length"]
          })
        }
      })
    )
  }
)
