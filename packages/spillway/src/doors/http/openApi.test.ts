import { expect, layer } from "@effect/vitest"
import { Validator } from "@seriousme/openapi-schema-validator"
import { Effect } from "effect"
import { request } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { VERSION } from "../../version.ts"
import { methodsOf } from "./addresses.ts"

const document = Effect.map(request("/openapi.json"), ({ json }) => json)

/** Every operation of the document, as `GET /v1/threads/{threadId}`. */
const operationsOf = (paths: Record<string, Record<string, unknown>>) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
  )

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

layer(layerTestServer(), { excludeTestServices: true })("/openapi.json", (it) => {
  it.effect("is a valid OpenAPI 3.1 document, of this version, the same each time", () =>
    Effect.gen(function* () {
      const { headers, status, text } = yield* request("/openapi.json")
      expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json" })
      expect(yield* Effect.promise(() => new Validator().validate(JSON.parse(text)))).toEqual({ valid: true })
      expect(JSON.parse(text).info.version).toBe(VERSION)
      expect((yield* request("/openapi.json")).text).toBe(text)
    })
  )

  it.effect("is found wrong by the validator when it is", () =>
    Effect.gen(function* () {
      const wrong = yield* document
      wrong.paths["/v1/threads"].get.parameters[0].in = "nowhere"
      expect((yield* Effect.promise(() => new Validator().validate(wrong))).valid).toBe(false)
    })
  )

  it.effect("tells of exactly what the server answers", () =>
    Effect.gen(function* () {
      const operations = operationsOf((yield* document).paths)
      expect(operations.length).toBeGreaterThan(12)
      yield* request("/v1/commands", { body: { type: "thread.create", threadId: "t1", commandId: "c1" } })
      // What is told of is answered, and by no other method than is told.
      for (const path of new Set(operations.map((operation) => operation.split(" ")[1]!))) {
        const told = METHODS.filter((method) => operations.includes(`${method} ${path}`))
        for (const method of METHODS) {
          const { status } = yield* request(path.replace("{threadId}", "t1"), { method })
          expect([method, path, status === 404 || status === 405]).toEqual([
            method,
            path,
            !told.includes(method)
          ])
        }
      }
      // What is not told of is not there: neighbours of the addresses, and the ones that servers like to have.
      const neighbours = operations.flatMap((operation) => {
        const path = operation.split(" ")[1]!.replace("{threadId}", "t1")
        return [`${path}/more`, path.slice(0, -1), path.slice(0, path.lastIndexOf("/"))]
      })
      const known = (path: string) => methodsOf(path) !== undefined
      for (const path of [
        ...neighbours.filter((path) => !known(path)),
        "/",
        "/admin",
        "/debug",
        "/v1",
        "/v2/threads"
      ]) {
        expect([path, (yield* request(path === "" ? "/" : path)).status]).toEqual([path, 404])
      }
    })
  )

  it.effect("names every status that an address answers, and every header that it takes", () =>
    Effect.gen(function* () {
      const { paths } = yield* document
      yield* request("/v1/commands", { body: { type: "thread.create", threadId: "t1", commandId: "c1" } })
      const etag = (yield* request("/v1/threads/t1")).headers["etag"]!
      const asked = [
        ["/v1/threads/{threadId}", "t1", {}],
        ["/v1/threads/{threadId}", "t1", { headers: { "if-none-match": etag } }],
        ["/v1/threads/{threadId}", "nobody", {}],
        ["/v1/threads/{threadId}", "a%20b", {}],
        ["/v1/threads/{threadId}/events?after=99", "t1", {}],
        ["/v1/threads/{threadId}/view?atVersion=99", "t1", {}],
        ["/v1/threads", "", { headers: { origin: "https://evil.example" } }],
        ["/v1/commands", "", { body: "{" }],
        ["/v1/commands", "", { body: "x", headers: { "content-type": "text/plain" } }],
        ["/v1/commands", "", { body: { type: "thread.create", threadId: "t1", commandId: "c2" } }],
        ["/v1/commands", "", { body: { type: "thread.archive", threadId: "t2", commandId: "c3" } }]
      ] as const
      for (const [path, threadId, how] of asked) {
        const { headers, status } = yield* request(path.replace("{threadId}", threadId), how)
        const operation = paths[path.split("?")[0]!]["body" in how ? "post" : "get"]
        const response = operation.responses[status]
        expect(response, `${path} ${status}`).toBeDefined()
        if (status !== 304) expect(Object.keys(response.content)).toContain(headers["content-type"])
      }
      const parametersOf = (path: string, method: string): ReadonlyArray<string> =>
        paths[path][method].parameters.map(({ name }: { name: string }) => name)
      expect(parametersOf("/v1/threads/{threadId}/view", "get")).toContain("if-none-match")
      expect(parametersOf("/v1/log/events", "get")).toContain("last-event-id")
      expect(parametersOf("/v1/commands", "post")).toEqual(["idempotency-key"])
      expect(Object.keys(paths["/v1/log/events"].get.responses[200].content)).toContain("text/event-stream")
    })
  )
})
