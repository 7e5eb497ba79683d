/** Plays requests: each must get an answer that the contract has. */
import { Problem } from "@spillway/contracts/http-api"
import { Exit, Schema } from "effect"
import { Agent, type IncomingMessage, request as httpRequest } from "node:http"
import { connect } from "node:net"
import type { Finding } from "./Finding.ts"
import type { Endpoint, HttpRequest } from "./httpInputs.ts"
import { within } from "./WebsocketPlayer.ts"

type Report = (kind: Finding["kind"], message: string) => void

const decodeProblem = Schema.decodeUnknownExit(Problem)

/** Refusals that say when to come again: they are answers. */
const REFUSED = new Set(["unavailable", "at-capacity"])

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

export class HttpPlayer {
  readonly #port: number
  readonly #patience: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  /** How many answers had each status, over all inputs. */
  readonly statuses = new Map<number, number>()

  constructor(port: number, patience: number) {
    this.#port = port
    this.#patience = patience
  }

  close(): void {
    this.#agent.destroy()
  }

  async play(asked: HttpRequest, endpoint: Endpoint, report: Report): Promise<void> {
    const answer = await within(this.#ask(asked), this.#patience)
    if (answer === null) return report("silence", `No answer to ${asked.method} ${asked.path.slice(0, 200)}.`)
    if (typeof answer === "string")
      return report("answer", `${asked.method} ${asked.path.slice(0, 200)}: ${answer}`)
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1)
    check(answer, endpoint, asked, report)
  }

  /** Bytes that may be no request: something is said to them, and the connection ends once the client has no more to say. */
  async playRaw(bytes: Buffer, report: Report): Promise<void> {
    const socket = connect(this.#port, "127.0.0.1")
    let heard = ""
    socket.on("error", () => {})
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1")
      // A stream of events, or a page: enough of it.
      if (heard.length > 100_000 || heard.includes("text/event-stream")) socket.destroy()
    })
    const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(true)))
    socket.end(bytes)
    const ended = await within(closed, this.#patience)
    socket.destroy()
    if (ended === null)
      return report("silence", "The connection was left open behind bytes that are no request.")
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(heard)?.[1] ?? 0)
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    if (status === 500) report("failure", heard.slice(0, 500))
  }

  #ask({ body, headers, method, path }: HttpRequest): Promise<Answer | string> {
    return new Promise((resolve) => {
      const failed = (error: Error) => resolve(`no answer could be read (${error.message})`)
      try {
        const asked = httpRequest({
          port: this.#port,
          host: "127.0.0.1",
          path,
          method,
          headers: { ...headers, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) },
          agent: this.#agent
        })
        asked.on("error", failed)
        asked.once("response", (response) => read(response, resolve))
        asked.once("upgrade", (response, socket) => {
          socket.destroy()
          resolve({ status: response.statusCode ?? 0, type: "", body: "" })
        })
        asked.end(body)
      } catch (error) {
        // Node itself sends no such header or path: the bytes of raw inputs do.
        resolve({ status: 0, type: error instanceof Error ? error.message : "", body: "" })
      }
    })
  }
}

const read = (response: IncomingMessage, resolve: (answer: Answer) => void): void => {
  const type = response.headers["content-type"] ?? ""
  const chunks: Array<Buffer> = []
  const done = () =>
    resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks).toString("utf8") })
  response.on("error", done)
  response.on("end", done)
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    if (!/event-stream|ndjson/.test(type)) return
    done()
    response.destroy()
  })
}

const check = (answer: Answer, endpoint: Endpoint, { method, path }: HttpRequest, report: Report): void => {
  const { body, status, type } = answer
  const said = `${method} ${path.slice(0, 200)} is answered with ${status} ${type}: ${body.slice(0, 300)}`
  if (endpoint.successes === null) {
    // Refusals that say when to come again are answers here too.
    if (status >= 500 && status !== 503) report("failure", said)
    return
  }
  if (status === 0 || method === "HEAD" || (status === 204 && body === "")) return
  if (type === "application/problem+json") {
    const problem = decodeProblem(json(body))
    if (Exit.isFailure(problem) || problem.value.status !== status) return report("answer", said)
    if (status >= 500 && !REFUSED.has(problem.value.code)) report("failure", said)
    return
  }
  if (status >= 500) return report("failure", said)
  if (status === 304 || type.startsWith("text/")) return
  const schemas = endpoint.successes.get(status)
  if (schemas === undefined || method !== endpoint.method) return report("answer", said)
  const value = json(body)
  const fits = schemas.some((schema) => Exit.isSuccess(decoderOf(schema)(value)))
  if (!fits) report("answer", said)
}

const decoders = new WeakMap<Schema.Top, (value: unknown) => Exit.Exit<unknown, unknown>>()

const decoderOf = (schema: Schema.Top) => {
  const known = decoders.get(schema)
  if (known !== undefined) return known
  const decoder = Schema.decodeUnknownExit(schema as Schema.Codec<unknown, unknown>)
  decoders.set(schema, decoder)
  return decoder
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
