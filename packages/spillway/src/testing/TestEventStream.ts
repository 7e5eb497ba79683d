/** A client of an event stream for tests: what a browser's EventSource would make of it, message by message, and the raw response. */
import { type Cause, Effect, Queue, Schema, type Scope } from "effect"
import { type IncomingMessage, request } from "node:http"
import { Listener } from "../doors/Listener.ts"

export interface StreamMessage {
  /** The last id that was seen, in this message or before it. */
  readonly lastEventId: string
  /** `message` unless the stream says otherwise. */
  readonly event: string
  readonly data: string
}

/** There is no stream. */
export class StreamNotOpened extends Schema.TaggedError<StreamNotOpened>()("StreamNotOpened", {
  status: Schema.Int,
  body: Schema.String
}) {}

export interface OpenStreamOptions {
  readonly headers?: Record<string, string>
  /** `false`: nothing is read from the socket until `read` is called. */
  readonly reads?: boolean
}

export interface TestEventStream {
  readonly response: IncomingMessage
  /** Begins to read. */
  readonly read: Effect.Effect<void>
  /** The next message; done when the stream ends or breaks. */
  readonly next: Effect.Effect<StreamMessage, Cause.Done>
  /** Takes messages until one fits, which is the last one given. */
  readonly until: (
    fits: (message: StreamMessage) => boolean
  ) => Effect.Effect<ReadonlyArray<StreamMessage>, Cause.Done>
  /** All messages from here to the end. */
  readonly rest: Effect.Effect<ReadonlyArray<StreamMessage>>
  /** The next comment. */
  readonly comment: Effect.Effect<string, Cause.Done>
  /** How many comments came so far. */
  readonly comments: () => number
  /** `retry:` as it was last said. */
  readonly retry: () => number | undefined
  /** True once the whole body came, false while it did not, or broke off. */
  readonly isComplete: () => boolean
  readonly leave: Effect.Effect<void>
}

/** Opens a stream of the server in the context. */
export const openStream = (
  path: string,
  options: OpenStreamOptions = {}
): Effect.Effect<TestEventStream, StreamNotOpened, Scope.Scope | Listener> =>
  Effect.gen(function* () {
    const { address } = yield* Listener
    const response = yield* respond(`http://${address}${path}`, options.headers ?? {})
    const messages = yield* Queue.unbounded<StreamMessage, Cause.Done>()
    const comments = yield* Queue.unbounded<string, Cause.Done>()
    const parser = new Parser(
      (message) => Queue.offerUnsafe(messages, message),
      (comment) => Queue.offerUnsafe(comments, comment)
    )
    response.on("error", () => {})
    response.on("close", () => {
      Queue.endUnsafe(messages)
      Queue.endUnsafe(comments)
    })
    const read = Effect.sync(() => {
      response.setEncoding("utf8")
      response.on("data", (text: string) => parser.take(text))
    })
    if (options.reads !== false) yield* read
    const next = Queue.take(messages)
    const until: TestEventStream["until"] = Effect.fnUntraced(function* (fits) {
      const taken: Array<StreamMessage> = []
      while (true) {
        const message = yield* next
        taken.push(message)
        if (fits(message)) return taken
      }
    })
    const rest = Effect.gen(function* () {
      const taken: Array<StreamMessage> = []
      return yield* next.pipe(
        Effect.map((message) => void taken.push(message)),
        Effect.forever,
        Effect.orElseSucceed(() => taken)
      )
    })
    return {
      response,
      read,
      next,
      until,
      rest,
      comment: Queue.take(comments),
      comments: () => parser.comments,
      retry: () => parser.retry,
      isComplete: () => response.complete,
      leave: Effect.sync(() => void response.destroy())
    }
  })

const respond = (url: string, headers: Record<string, string>) =>
  Effect.acquireRelease(
    Effect.callback<IncomingMessage, StreamNotOpened>((resume) => {
      const asked = request(url, { agent: false, headers: { accept: "text/event-stream", ...headers } })
      asked.on("error", () => {})
      asked.once("response", (response) => {
        if (response.headers["content-type"] === "text/event-stream") {
          return resume(Effect.succeed(response))
        }
        let body = ""
        response.setEncoding("utf8")
        response.on("data", (text: string) => (body += text))
        response.on("end", () =>
          resume(Effect.fail(new StreamNotOpened({ status: response.statusCode ?? 0, body })))
        )
      })
      asked.end()
    }),
    (response) => Effect.sync(() => void response.destroy())
  )

/** As the HTML standard has it: fields of a message in lines, an empty line behind it. */
class Parser {
  retry: number | undefined
  comments = 0
  readonly #onMessage: (message: StreamMessage) => void
  readonly #onComment: (comment: string) => void
  #rest = ""
  #lastEventId = ""
  #event = ""
  #data: Array<string> = []

  constructor(onMessage: (message: StreamMessage) => void, onComment: (comment: string) => void) {
    this.#onMessage = onMessage
    this.#onComment = onComment
  }

  take(text: string): void {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop()!
    for (const line of lines) this.#line(line)
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch()
    const colon = line.indexOf(":")
    if (colon === 0) {
      this.comments += 1
      return this.#onComment(line.slice(1).trim())
    }
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "")
    if (field === "event") this.#event = value
    else if (field === "data") this.#data.push(value)
    else if (field === "id") this.#lastEventId = value
    else if (field === "retry") this.retry = Number(value)
    else throw new Error(`an event stream has no field ${JSON.stringify(line.slice(0, 200))}`)
  }

  #dispatch(): void {
    const data = this.#data.join("\n")
    const event = this.#event || "message"
    this.#data = []
    this.#event = ""
    if (data !== "") this.#onMessage({ lastEventId: this.#lastEventId, event, data })
  }
}
