import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { request } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

const layerWithToken = layerTestServer({
  token: Redacted.make("sesame"),
  allowedOrigins: ["https://console.example.com"]
})
const bearer = { authorization: "Bearer sesame" }
const console = { origin: "https://console.example.com" }

describe("the token", () => {
  const guarded = [
    "/v1/threads",
    "/v1/threads/t1",
    "/v1/threads/t1/view",
    "/v1/threads/t1/turns",
    "/v1/threads/t1/events",
    "/v1/log/events",
    "/v1/info"
  ]

  it.live("is asked for wherever something can be learnt or done, before anything is read", () =>
    Effect.gen(function* () {
      const wrong = [
        {},
        { authorization: "Bearer open" },
        { authorization: "Basic sesame" },
        { authorization: "sesame" }
      ]
      for (const headers of wrong) {
        for (const path of [...guarded, "/v1/threads?limit=0"]) {
          expect(yield* request(path, { headers })).toMatchObject({
            status: 401,
            headers: {
              "content-type": "application/problem+json",
              "www-authenticate": 'Bearer realm="spillway"'
            },
            json: { code: "unauthorized", detail: expect.stringContaining("SPILLWAY_TOKEN") }
          })
        }
        const command = yield* request("/v1/commands", { headers, body: "{" })
        expect(command).toMatchObject({ status: 401, json: { code: "unauthorized" } })
        const stream = { accept: "text/event-stream", ...headers }
        expect((yield* request("/v1/log/events", { headers: stream })).status).toBe(401)
      }
    }).pipe(Effect.provide(layerWithToken))
  )

  it.live("lets in who sends it, and probes and readers of the documentation without it", () =>
    Effect.gen(function* () {
      for (const path of ["/v1/threads", "/v1/log/events", "/v1/info"]) {
        expect((yield* request(path, { headers: bearer })).status).toBe(200)
        expect((yield* request(path, { headers: { authorization: "bearer  sesame" } })).status).toBe(200)
      }
      for (const path of ["/health/live", "/health/ready", "/openapi.json", "/asyncapi.json", "/docs"]) {
        expect((yield* request(path)).status).toBe(200)
      }
    }).pipe(Effect.provide(layerWithToken))
  )
})

describe("a web page", () => {
  it.live("of a foreign origin is turned away everywhere, and may not read why", () =>
    Effect.gen(function* () {
      for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"]) {
        for (const path of ["/v1/threads", "/v1/info", "/health/live", "/docs", "/nothing"]) {
          const answer = yield* request(path, { headers: { ...bearer, origin } })
          expect(answer).toMatchObject({ status: 403, json: { code: "origin-not-allowed" } })
          expect(answer.headers["access-control-allow-origin"]).toBeUndefined()
        }
        const command = yield* request("/v1/commands", {
          headers: { ...bearer, origin },
          body: { type: "thread.create", threadId: "t1", commandId: "c1" }
        })
        expect(command.status).toBe(403)
      }
      expect((yield* request("/v1/threads", { headers: bearer })).json.threads).toEqual([])
    }).pipe(Effect.provide(layerWithToken))
  )

  it.live("of an allowed origin, of a loopback one or of the server's own host may read every answer", () =>
    Effect.gen(function* () {
      const own = { host: "spillway.example.com", origin: "https://spillway.example.com" }
      for (const from of [console, { origin: "http://localhost:5173" }, own]) {
        for (const [path, status] of [
          ["/v1/threads", 200],
          ["/v1/threads/nobody", 404],
          ["/nothing", 404]
        ] as const) {
          expect(yield* request(path, { headers: { ...bearer, ...from } })).toMatchObject({
            status,
            headers: {
              "access-control-allow-origin": from.origin,
              "access-control-expose-headers": expect.stringContaining("ETag"),
              vary: "Origin"
            }
          })
        }
        const refused = yield* request("/v1/threads", { headers: from })
        expect(refused.headers["access-control-allow-origin"]).toBe(from.origin)
      }
      const plain = yield* request("/v1/threads", { headers: bearer })
      expect(plain.headers["vary"]).toBe("Origin")
      expect(plain.headers["access-control-allow-origin"]).toBeUndefined()
    }).pipe(Effect.provide(layerWithToken))
  )

  it.live("may ask beforehand, without the token, what it may send", () =>
    Effect.gen(function* () {
      const ask = (path: string, from: Record<string, string>) =>
        request(path, {
          method: "OPTIONS",
          headers: {
            ...from,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,idempotency-key"
          }
        })
      expect(yield* ask("/v1/commands", console)).toMatchObject({
        status: 204,
        headers: {
          "access-control-allow-origin": console.origin,
          "access-control-allow-methods": "POST, OPTIONS",
          "access-control-allow-headers": expect.stringMatching(
            /Authorization, Content-Type, Idempotency-Key/
          ),
          "access-control-max-age": "600"
        }
      })
      expect((yield* ask("/nothing", console)).status).toBe(404)
      expect((yield* ask("/v1/commands", { origin: "https://evil.example" })).status).toBe(403)
    }).pipe(Effect.provide(layerWithToken))
  )

  it.live("whose name was made to resolve to this machine is turned away where no token is asked for", () =>
    Effect.gen(function* () {
      for (const host of [
        "evil.example",
        "evil.example:4000",
        "192.168.1.4:4000",
        "127.0.0.1.evil.example"
      ]) {
        const answer = yield* request("/v1/threads", { headers: { host } })
        expect(answer).toMatchObject({
          status: 403,
          json: { code: "host-not-allowed", detail: expect.stringContaining("SPILLWAY_TOKEN") }
        })
      }
      for (const host of [
        "localhost:4000",
        "127.0.0.1",
        "[::1]:4000",
        "app.localhost",
        "spillway.internal:80"
      ]) {
        expect((yield* request("/v1/threads", { headers: { host } })).status).toBe(200)
      }
    }).pipe(Effect.provide(layerTestServer({ allowedOrigins: ["http://spillway.internal"] })))
  )

  it.live("is let in under any name where a token is asked for, once it sends it", () =>
    Effect.gen(function* () {
      const headers = { host: "spillway.example.com", ...bearer }
      expect((yield* request("/v1/threads", { headers })).status).toBe(200)
    }).pipe(Effect.provide(layerWithToken))
  )
})
