/**
 * A model provider on loopback: it speaks OpenAI's chat API, streams each call's text at the load's pace, and keeps account of what
 * it handed over. A socket that takes no more makes it wait, as any server's would.
 */
import { Effect, type Scope } from "effect"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { type Call, callIn, DELTAS_PER_SECOND, scriptOf, textOf, turnIdOf } from "./script.ts"

/** Deltas of a hurried call, and characters of one: more than all buffers between provider and server hold. */
const HURRIED = { deltas: 30_000, deltaLength: 25 }

/**
 * Some providers pad their events. A hurried call does so to fill these buffers, which are megabytes, with little text: it is about
 * reading that stops and goes on, not about a long text.
 */
const PADDING = "0".repeat(2_000)

export interface Answered {
  readonly call: Call
  /** Characters handed to the socket. */
  readonly length: number
  /** The answer was sent to its end, and not cut off. */
  readonly complete: boolean
}

export class LoadProvider {
  readonly #open = new Set<Answer>()
  readonly #answers = new Map<string, Answer>()
  readonly #hurried: ReadonlySet<number>
  #winding = false
  /** Requests that named no call of ours, or one that had been asked for already. */
  unexpected = 0

  constructor(hurried: ReadonlySet<number>) {
    this.#hurried = hurried
  }

  answer(prompt: string, response: ServerResponse): void {
    const call = callIn(prompt)
    if (call === undefined || this.#answers.has(turnIdOf(call))) {
      this.unexpected++
      response.writeHead(400).end()
      return
    }
    const answer = new Answer(call, response, this.#hurried.has(call.thread), () => this.#open.delete(answer))
    this.#answers.set(turnIdOf(call), answer)
    this.#open.add(answer)
    if (this.#winding) answer.wind()
  }

  /** Calls of hurried threads write as fast as their sockets take it. */
  hurry(): void {
    for (const answer of this.#open) answer.hurry()
  }

  /** Every answer comes to its end with the next delta. */
  windUp(): void {
    this.#winding = true
    for (const answer of this.#open) answer.wind()
  }

  /** Ends what is written in a hurry. */
  calm(): void {
    for (const answer of this.#open) if (answer.hurried) answer.wind()
  }

  get open(): number {
    return this.#open.size
  }

  /** The hurried answers whose sockets take nothing now, and since when (`performance.now()`). */
  blocked(): ReadonlyArray<{ readonly since: number; readonly length: number }> {
    return [...this.#open].flatMap(({ blockedSince, hurried, length }) =>
      hurried && blockedSince !== null ? [{ since: blockedSince, length }] : []
    )
  }

  get answers(): ReadonlyMap<string, Answered> {
    return this.#answers
  }

  get characters(): number {
    let sum = 0
    for (const { length } of this.#answers.values()) sum += length
    return sum
  }
}

/** One answer on its way. */
class Answer implements Answered {
  readonly call: Call
  readonly hurried: boolean
  readonly #response: ServerResponse
  readonly #done: () => void
  readonly #text: string
  readonly #deltas: number
  readonly #deltaLength: number
  readonly #began = performance.now()
  #timer: NodeJS.Timeout | undefined
  #hurrying = false
  #winding = false
  length = 0
  complete = false
  blockedSince: number | null = null

  constructor(call: Call, response: ServerResponse, hurried: boolean, done: () => void) {
    const { deltaLength, deltas } = hurried ? HURRIED : scriptOf(call)
    this.call = call
    this.hurried = hurried
    this.#response = response
    this.#done = done
    this.#deltaLength = deltaLength
    this.#deltas = deltas
    this.#text = textOf(call, this.#deltas * this.#deltaLength)
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.on("drain", () => {
      this.blockedSince = null
      this.#write()
    })
    response.on("close", () => this.#end())
    response.write(chunk({ role: "assistant", content: "" }))
    this.#timer = setInterval(() => this.#write(), 1_000 / DELTAS_PER_SECOND)
  }

  hurry(): void {
    if (!this.hurried) return
    this.#hurrying = true
    this.#write()
  }

  wind(): void {
    this.#winding = true
    this.#write()
  }

  /** As many deltas as are due by now, until the socket takes no more. */
  #write(): void {
    const written = this.length / this.#deltaLength
    const due = this.#hurrying
      ? this.#deltas
      : Math.ceil(((performance.now() - this.#began) / 1_000) * DELTAS_PER_SECOND)
    for (let n = written; n < Math.min(due, this.#deltas); n++) {
      if (this.blockedSince !== null || this.complete) return
      if (this.#winding) break
      const delta = this.#text.slice(this.length, this.length + this.#deltaLength)
      this.length += delta.length
      if (!this.#response.write(chunk({ content: delta }, null, this.#hurrying ? PADDING : undefined)))
        this.blockedSince = performance.now()
    }
    if (this.blockedSince === null && (this.#winding || this.length === this.#text.length)) this.#finish()
  }

  #finish(): void {
    if (this.complete) return
    this.complete = true
    this.#response.end(chunk({}, "stop") + event({ id: "load", choices: [], usage: USAGE }) + event("[DONE]"))
  }

  #end(): void {
    clearInterval(this.#timer)
    this.blockedSince = null
    this.#done()
  }
}

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const chunk = (delta: object, finish: string | null = null, obfuscation?: string): string =>
  event({ id: "load", model: "load", choices: [{ index: 0, delta, finish_reason: finish }], obfuscation })

const event = (value: unknown): string =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`

/** Listens on a free port until the scope closes; answers its base URL. */
export const listen = (provider: LoadProvider): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function* () {
    const server = createServer((request, response) => {
      let body = ""
      request.setEncoding("utf8")
      request.on("data", (data: string) => (body += data))
      request.on("end", () => provider.answer(lastPrompt(body), response))
    })
    // An idle connection stays open: one that is closed just when it is used again would be another test.
    server.keepAliveTimeout = 0
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  })

interface ChatRequest {
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: unknown }>
}

const lastPrompt = (body: string): string => {
  const content = (JSON.parse(body) as ChatRequest).messages.findLast(({ role }) => role === "user")?.content
  if (typeof content === "string") return content
  return Array.isArray(content) ? content.map((part: { text?: string }) => part.text ?? "").join("") : ""
}
