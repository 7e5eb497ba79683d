/**
 * A client of the HTTP API: commands with an Idempotency-Key, sent again until there is a receipt; a thread followed as server-sent events,
 * from the last id that was seen.
 */
import type { ClientCommand, ClientEvent, Receipt } from "@spillway/contracts"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import type { Answer, Hands } from "./Hands.ts"
import { Seen } from "./Seen.ts"

const PAUSE = 250

/** Milliseconds after which a request, or a stream that says nothing, is given up. */
const PATIENCE = 6_000
const STREAM_PATIENCE = 20_000

export class HttpClient {
  readonly threads = new Map<string, Seen>()
  readonly errors: Array<string> = []
  readonly #url: string
  readonly #ledger: CommandLedger
  readonly #listeners = new Set<() => void>()
  readonly #closing = new AbortController()
  #unanswered = 0

  constructor(options: { readonly url: string; readonly ledger: CommandLedger }) {
    this.#url = options.url
    this.#ledger = options.ledger
  }

  get unanswered(): number {
    return this.#unanswered
  }

  hands(threadId: string): Hands {
    const seen = new Seen(threadId)
    this.threads.set(threadId, seen)
    void this.#follow(seen)
    return {
      dispatch: (command) => this.dispatch(command),
      view: () => seen.view,
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      }
    }
  }

  async dispatch(command: ClientCommand): Promise<Answer> {
    const { commandId, ...body } = command
    this.#unanswered++
    try {
      while (!this.#closing.signal.aborted) {
        const answer = await this.#post(commandId, body)
        if (answer !== undefined) return answer
        await this.#pause()
      }
      return "gone"
    } finally {
      this.#unanswered--
    }
  }

  close(): void {
    this.#closing.abort()
  }

  /** `undefined`: the same again. */
  async #post(commandId: ClientCommand["commandId"], body: object): Promise<Answer | undefined> {
    this.#ledger.sent({ commandId, ...body } as ClientCommand)
    try {
      const response = await fetch(`${this.#url}/v1/commands`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": commandId },
        body: JSON.stringify(body),
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE)])
      })
      const said = (await response.json()) as { receipt?: Receipt; code?: string; retryable?: boolean }
      if (response.ok) {
        this.#ledger.acknowledged(said as Receipt)
        return "accepted"
      }
      if (said.receipt !== undefined) {
        this.#ledger.acknowledged(said.receipt)
        return "rejected"
      }
      if (said.retryable === true) return undefined
      this.#ledger.failed(commandId, `${response.status} ${said.code}`)
      return "gone"
    } catch {
      return undefined
    }
  }

  async #follow(seen: Seen): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await this.#stream(seen)
      } catch {
        // The connection was lost.
      }
      await this.#pause()
    }
  }

  async #stream(seen: Seen): Promise<void> {
    const giveUp = new AbortController()
    let timer = setTimeout(() => giveUp.abort(), STREAM_PATIENCE)
    try {
      const response = await fetch(`${this.#url}/v1/threads/${encodeURIComponent(seen.threadId)}/events`, {
        headers: { accept: "text/event-stream", "last-event-id": String(seen.version) },
        signal: AbortSignal.any([this.#closing.signal, giveUp.signal])
      })
      if (!response.ok) {
        const { code } = (await response.json()) as { code?: string }
        if (code === "cursor-invalid") {
          seen.complain("phantom", `${seen.threadId} was seen further than its log goes (${seen.version})`)
          seen.forget()
        } else if (response.status < 500 && response.status !== 404 && response.status !== 429) {
          this.errors.push(`GET events: ${response.status} ${code}`)
        }
        return
      }
      let text = ""
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer)
        timer = setTimeout(() => giveUp.abort(), STREAM_PATIENCE)
        const messages = (text + chunk).split("\n\n")
        text = messages.pop()!
        const events = messages.flatMap((message) => eventIn(message))
        if (events.length === 0) continue
        seen.take(events)
        for (const listener of Array.from(this.#listeners)) listener()
      }
    } finally {
      clearTimeout(timer)
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

/** Comments and other kinds of messages are none. */
const eventIn = (message: string): ReadonlyArray<ClientEvent> => {
  const lines = message.split("\n")
  if (lines.some((line) => line.startsWith("event:") && line !== "event: message")) return []
  const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice("data: ".length))
  return data.length === 0 ? [] : [JSON.parse(data.join("\n")) as ClientEvent]
}
