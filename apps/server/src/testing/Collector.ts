/** An OpenTelemetry collector on loopback that keeps what it is sent, or one that answers nobody. */
import { listening } from "spillway/testing"
import { Deferred, Effect } from "effect"
import { createServer, type ServerResponse } from "node:http"

export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
}

const serverOf = (answer: (received: Received, response: ServerResponse) => void) =>
  Effect.suspend(() =>
    listening(
      createServer((request, response) => {
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () =>
          answer({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks) }, response)
        )
      })
    )
  )

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
export const nobody = Effect.scoped(Effect.suspend(() => listening(createServer())))
