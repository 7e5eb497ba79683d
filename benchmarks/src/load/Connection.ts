/**
 * A client's side of `spillway.v1` over a real websocket: subscriptions that go on where they were after the connection was lost,
 * every frame acked once it was handed on, commands sent again until they have a receipt.
 */
import {
  type ClientCommand,
  type ClientFrame,
  PROTOCOL,
  type Receipt,
  type ServerFrame,
  type Subscription
} from "@spillway/contracts"

/** Milliseconds before a lost connection is made again, and a command that met a retryable error is sent again. */
const PAUSE = 250

type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { readonly type: T }>

export interface Follower {
  /** What to subscribe to: at first, and after a lost connection. */
  readonly subscription: (again: boolean) => Subscription
  readonly onFrame: (frame: FrameOf<"snapshot" | "events" | "live" | "caught-up">) => void
}

export class Connection {
  readonly #url: string
  readonly #followers = new Map<string, Follower>()
  readonly #commands = new Map<
    string,
    { readonly command: ClientCommand; readonly receipt: (receipt: Receipt) => void }
  >()
  #socket: WebSocket | undefined
  #welcomed = false
  #closed = false
  /** Connections after the first one. */
  reconnects = 0
  /** Errors that are no answer to be tried again. */
  readonly errors: Array<string> = []

  constructor(url: string) {
    this.#url = url
    this.#open()
  }

  /** `id` names the subscription on this connection. */
  follow(id: string, follower: Follower): void {
    this.#followers.set(id, follower)
    if (this.#welcomed) this.#send({ type: "subscribe", id, subscription: follower.subscription(false) })
  }

  /** The command's receipt, however often it has to be sent for it. */
  command(command: ClientCommand): Promise<Receipt> {
    return new Promise((receipt) => {
      this.#commands.set(command.commandId, { command, receipt })
      if (this.#welcomed) this.#send({ type: "command", command })
    })
  }

  /** Loses the connection, as a network does. */
  drop(): void {
    this.#socket?.close()
  }

  close(): void {
    this.#closed = true
    this.#socket?.close()
  }

  #open(again = false): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.addEventListener("open", () => this.#send({ type: "hello", protocol: PROTOCOL }))
    socket.addEventListener("message", ({ data }: MessageEvent) =>
      this.#receive(JSON.parse(String(data)), again)
    )
    socket.addEventListener("error", () => undefined)
    socket.addEventListener("close", () => {
      this.#welcomed = false
      if (this.#closed) return
      this.reconnects++
      setTimeout(() => !this.#closed && this.#open(true), PAUSE)
    })
  }

  #receive(frame: ServerFrame, again: boolean): void {
    switch (frame.type) {
      case "welcome":
        this.#welcomed = true
        for (const [id, follower] of this.#followers) {
          this.#send({ type: "subscribe", id, subscription: follower.subscription(again) })
        }
        for (const { command } of this.#commands.values()) this.#send({ type: "command", command })
        return
      case "ping":
        return this.#send({ type: "pong" })
      case "receipt": {
        const waiting = this.#commands.get(frame.receipt.commandId)
        this.#commands.delete(frame.receipt.commandId)
        return waiting?.receipt(frame.receipt)
      }
      case "error": {
        const waiting = frame.commandId === undefined ? undefined : this.#commands.get(frame.commandId)
        if (waiting !== undefined && frame.retryable) {
          setTimeout(() => this.#welcomed && this.#send({ type: "command", command: waiting.command }), PAUSE)
        } else if (frame.code !== "stalled") this.errors.push(`${frame.code}: ${frame.message}`)
        return
      }
      case "snapshot":
      case "events":
      case "live":
      case "caught-up":
        this.#followers.get(frame.id)?.onFrame(frame)
        if ("seq" in frame) this.#send({ type: "ack", seq: frame.seq })
        return
      default:
        return
    }
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }
}
