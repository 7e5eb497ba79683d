/**
 * A client's side of `spillway.v1` over a plain websocket: subscriptions that go on where they were after the connection was lost, every
 * frame acked, commands sent again until they have a receipt, and a receipt asked for a second time now and then.
 */
import {
  type ClientCommand,
  type ClientFrame,
  type LoggedEvent,
  PROTOCOL,
  type Receipt,
  type ServerFrame
} from "@spillway/contracts"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import type { Seeded } from "../seeded.ts"
import type { Answer, Hands } from "./Hands.ts"
import { Seen } from "./Seen.ts"
import { SeenLog } from "./SeenLog.ts"

/** Milliseconds before a lost connection is made again, and a command that met a retryable error is sent again. */
const PAUSE = 200

/** A connection over which nothing at all comes for so long, though it was asked, is given up. Milliseconds. */
const SILENCE = 5_000
const PING = 1_500

/** Of a hundred acked commands, so many are sent once more: a client that lost the receipt does so. */
const SENT_AGAIN = 6

export class RawClient {
  readonly threads = new Map<string, Seen>()
  readonly log: SeenLog | null
  readonly #url: string
  readonly #ledger: CommandLedger
  readonly #chance: Seeded
  readonly #pending = new Map<string, { command: ClientCommand; answer: (answer: Answer) => void }>()
  readonly #listeners = new Set<() => void>()
  #logId: string | undefined
  #socket: WebSocket | undefined
  #heard = 0
  #ping: NodeJS.Timeout | undefined
  #welcomed = false
  #closed = false
  /** Errors that are no answer to be tried again. */
  readonly errors: Array<string> = []

  constructor(options: {
    readonly url: string
    readonly ledger: CommandLedger
    readonly chance: Seeded
    /** Follows the whole log. */
    readonly log?: boolean
  }) {
    this.#url = options.url
    this.#ledger = options.ledger
    this.#chance = options.chance
    this.log = options.log === true ? new SeenLog() : null
    this.#open()
  }

  /** Follows a thread, and takes it in hand. */
  hands(threadId: string): Hands {
    const seen = this.follow(threadId)
    return {
      dispatch: (command) => this.dispatch(command),
      view: () => seen.view,
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      }
    }
  }

  follow(threadId: string): Seen {
    const seen = new Seen(threadId)
    this.threads.set(threadId, seen)
    if (this.#welcomed) this.#subscribe(seen)
    return seen
  }

  dispatch(command: ClientCommand): Promise<Answer> {
    return new Promise((answer) => {
      this.#pending.set(command.commandId, { command, answer })
      this.#sendCommand(command)
    })
  }

  /** Commands that were sent and never answered. */
  get unanswered(): number {
    return this.#pending.size
  }

  close(): void {
    this.#closed = true
    this.#socket?.close()
    clearInterval(this.#ping)
    for (const { answer } of this.#pending.values()) answer("gone")
  }

  #open(): void {
    const socket = new WebSocket(this.#url)
    let isOver = false
    const over = () => {
      if (isOver) return
      isOver = true
      clearInterval(this.#ping)
      this.#welcomed = false
      socket.close()
      if (!this.#closed) setTimeout(() => !this.#closed && this.#open(), PAUSE)
    }
    this.#socket = socket
    this.#heard = performance.now()
    this.#ping = setInterval(() => {
      if (performance.now() - this.#heard > SILENCE) over()
      else this.#send({ type: "ping" })
    }, PING)
    socket.addEventListener("open", () => this.#send({ type: "hello", protocol: PROTOCOL }))
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (isOver) return
      this.#heard = performance.now()
      this.#receive(JSON.parse(String(data)) as ServerFrame)
    })
    socket.addEventListener("error", over)
    socket.addEventListener("close", over)
  }

  #subscribe({ threadId, version }: Seen): void {
    const logId = this.#logId
    this.#send({
      type: "subscribe",
      id: threadId,
      subscription: {
        to: "thread",
        threadId: threadId as ClientCommand["threadId"],
        from: { afterVersion: version, ...(logId !== undefined && { logId }) }
      }
    })
  }

  #welcome(logId: string): void {
    this.#welcomed = true
    this.#logId ??= logId
    for (const seen of this.threads.values()) this.#subscribe(seen)
    if (this.log !== null) {
      const from = { afterPosition: this.log.position, logId: this.#logId }
      this.#send({ type: "subscribe", id: "log", subscription: { to: "log", from } })
    }
    for (const { command } of this.#pending.values()) this.#sendCommand(command)
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame.logId)
      case "ping":
        return this.#send({ type: "pong" })
      case "receipt":
        return this.#receipt(frame.receipt)
      case "error":
        return this.#error(frame)
      case "snapshot":
        this.#send({ type: "ack", seq: frame.seq })
        return this.#beginAgain(frame.id)
      case "events":
        if (frame.id === "log") this.log?.take(frame.events as ReadonlyArray<LoggedEvent>)
        else this.threads.get(frame.id)?.take(frame.events)
        this.#send({ type: "ack", seq: frame.seq })
        for (const listener of Array.from(this.#listeners)) listener()
        return
      case "live":
      case "threads":
        return this.#send({ type: "ack", seq: frame.seq })
      default:
        return
    }
  }

  /** A snapshot comes only after a cursor was refused: what was seen is not in the log. */
  #beginAgain(threadId: string): void {
    const seen = this.threads.get(threadId)
    if (seen === undefined) return
    seen.forget()
    this.#send({ type: "unsubscribe", id: threadId })
    this.#subscribe(seen)
  }

  #receipt(receipt: Receipt): void {
    this.#ledger.acknowledged(receipt)
    const waiting = this.#pending.get(receipt.commandId)
    if (waiting === undefined) return
    this.#pending.delete(receipt.commandId)
    waiting.answer(receipt.status)
    if (!this.#chance.percent(SENT_AGAIN)) return
    // Perhaps to the next server: a receipt is for ever.
    setTimeout(() => !this.#closed && this.#sendCommand(waiting.command), this.#chance.between(0, 15_000))
  }

  #error(error: Extract<ServerFrame, { readonly type: "error" }>): void {
    const { code, commandId, id, message, retryable } = error
    const waiting = commandId === undefined ? undefined : this.#pending.get(commandId)
    if (waiting !== undefined && retryable) {
      setTimeout(() => this.#sendCommand(waiting.command), PAUSE)
    } else if (waiting !== undefined) {
      this.#pending.delete(waiting.command.commandId)
      this.#ledger.failed(waiting.command.commandId, `${code}: ${message}`)
      waiting.answer("gone")
    } else if (code === "cursor-invalid" && id !== undefined) {
      const seen = id === "log" ? this.log : this.threads.get(id)
      seen?.complain("phantom", `${id} was seen further than its log goes: ${message}`)
    } else if (code === "thread-not-found" && id !== undefined) {
      const seen = this.threads.get(id)!
      // The thread is to be made first.
      setTimeout(() => this.#welcomed && this.#subscribe(seen), PAUSE)
    } else if (!retryable && code !== "stalled") this.errors.push(`${code}: ${message}`)
  }

  #sendCommand(command: ClientCommand): void {
    if (!this.#welcomed || this.#socket?.readyState !== WebSocket.OPEN) return
    this.#ledger.sent(command)
    this.#send({ type: "command", command })
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }
}
