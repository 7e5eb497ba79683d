/** One HTTP request to the server in the context, as plain as it goes on the wire. */
import { Effect } from "effect"
import { request as httpRequest } from "node:http"
import { Listener } from "../doors/Listener.ts"

export interface TestRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  /** A string and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown
}

export interface TestAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  /** The body as JSON; `undefined` where it is none. */
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

export const request = Effect.fnUntraced(function* (path: string, asked: TestRequest = {}) {
  const { port } = yield* Listener
  return yield* Effect.callback<TestAnswer>((resume) => {
    const { body, headers = {}, method = body === undefined ? "GET" : "POST" } = asked
    const sent = httpRequest(
      {
        port,
        host: "127.0.0.1",
        path,
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        agent: false
      },
      (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8")
          resume(
            Effect.succeed({
              status: response.statusCode ?? 0,
              headers: response.headers as Record<string, string>,
              text,
              json: parsed(text)
            })
          )
        })
      }
    )
    sent.on("error", (error) => resume(Effect.die(error)))
    if (body !== undefined)
      sent.write(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body))
    sent.end()
    return Effect.sync(() => sent.destroy())
  })
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
