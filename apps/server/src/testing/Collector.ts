/** An OpenTelemetry collector on loopback that keeps what it is sent, or one that answers nobody. */
import { Deferred, Effect } from "effect"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
}

const listening = (server: Server) =>
  Effect.callback<string>((resume) => {
    server.listen({ host: "127.0.0.1", port: 0 }, () =>
      resume(Effect.succeed(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    )
  })

const serverOf = (answer: (received: Received, response: ServerResponse) => void) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk))
          request.on("end", () =>
            answer({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks) }, response)
          )
        })
      ),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    )
    return yield* listening(server)
  })

export const collector = Effect.gen(function* () {
  const received: Array<Received> = []
  const url = yield* serverOf((one, response) => {
    received.push(one)
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  })
  return {
    url,
    received,
    /** What came to a path, as the JSON that it is. */
    json: (path: string): ReadonlyArray<unknown> =>
      received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString("utf8")))
  }
})

/** It takes a request and says nothing, for ever. */
export const stuckCollector = Effect.gen(function* () {
  const first = yield* Deferred.make<void>()
  const open = { now: 0, most: 0 }
  const url = yield* serverOf((_, response) => {
    open.now += 1
    open.most = Math.max(open.most, open.now)
    response.on("close", () => (open.now -= 1))
    Deferred.doneUnsafe(first, Effect.void)
  })
  return { url, open, first: Deferred.await(first) }
})

/** An address where nobody listens. */
export const nobody = Effect.scoped(
  Effect.gen(function* () {
    const server = createServer()
    const url = yield* listening(server)
    yield* Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
    return url
  })
)
