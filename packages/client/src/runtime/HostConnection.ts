/**
 * The host's websocket for as long as it is wanted: connected again when it is lost, with the turns that run. A server that stays away
 * costs nothing but waiting.
 */
import type { HostFrame, RuntimeLimits, RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"
import { RUNTIME_FRAME_LIMIT, RUNTIME_PROTOCOL, RuntimeCloseCode } from "@spillway/contracts/plain"
import type { Token } from "../Connection.ts"
import type { Environment, Socket } from "../Environment.ts"
import type { HostStatus } from "./HostOptions.ts"

/** How long a server may take to say welcome, and how long it may be silent: it pings every 20 seconds. Milliseconds. */
const CONNECT_TIMEOUT = 10_000
const SILENCE = 45_000

/** The first wait before another attempt, and the longest: a session waits for its host for seconds only. Milliseconds. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 2_000

export interface HostConnectionListener {
  /** What hello says beside the token. */
  readonly hello: () => Omit<Extract<HostFrame, { readonly type: "hello" }>, "type" | "protocol" | "token">
  readonly onStatus: (status: HostStatus) => void
  readonly onWelcome: (limits: RuntimeLimits) => void
  readonly onFrame: (frame: RuntimeServerFrame) => void
}

export class HostConnection {
  readonly #url: string
  readonly #token: Token
  readonly #environment: Environment
  readonly #listener: HostConnectionListener
  #socket: Socket | null = null
  #isConnected = false
  #isClosed = false
  #attempt = 0
  #heard = 0
  #cancelTimer: () => void = () => {}
  /** Why the server closes, as it said itself. */
  #said: string | null = null

  constructor(url: string, token: Token, environment: Environment, listener: HostConnectionListener) {
    this.#url = url
    this.#token = token
    this.#environment = environment
    this.#listener = listener
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  connect(): void {
    if (this.#isClosed) return
    this.#said = null
    this.#listener.onStatus({ state: "connecting" })
    this.#setTimer(CONNECT_TIMEOUT, () => this.#lost("The server did not answer in time."))
    let socket: Socket
    try {
      socket = this.#environment.openSocket(this.#url)
    } catch (error) {
      return this.#lost(`A connection to ${this.#url} could not be opened: ${String(error)}`)
    }
    this.#socket = socket
    const isCurrent = () => this.#socket === socket
    socket.addEventListener("open", () => void this.#hello(socket, isCurrent))
    socket.addEventListener("message", ({ data }) => {
      if (isCurrent()) this.#onMessage(data)
    })
    // A socket that breaks tells of it by closing too.
    socket.addEventListener("error", () => {})
    socket.addEventListener("close", ({ code }) => {
      if (isCurrent()) this.#onClose(code)
    })
  }

  /** Sends what is JSON already; nothing while there is no connection. */
  sendText(text: string): void {
    if (this.#isConnected) this.#socket?.send(text)
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
    this.#listener.onStatus({ state: "closed" })
  }

  async #hello(socket: Socket, isCurrent: () => boolean): Promise<void> {
    try {
      const token = typeof this.#token === "function" ? await this.#token() : this.#token
      if (!isCurrent()) return
      const frame = {
        type: "hello",
        protocol: RUNTIME_PROTOCOL,
        ...(token !== undefined && { token }),
        ...this.#listener.hello()
      }
      socket.send(JSON.stringify(frame))
    } catch (error) {
      if (isCurrent()) this.#lost(`The token could not be had: ${String(error)}`)
    }
  }

  #onMessage(data: unknown): void {
    this.#heard = this.#environment.now()
    const frame = parse(data)
    if (frame === undefined) return
    switch (frame.type) {
      case "pong":
        return
      case "ping":
        return this.sendText(`{"type":"pong"}`)
      case "welcome":
        this.#isConnected = true
        this.#attempt = 0
        this.#watch()
        this.#listener.onStatus({ state: "connected", server: frame.server })
        return this.#listener.onWelcome(frame.limits)
      case "error":
        this.#said = frame.message
        if (frame.code === "unauthorized" || frame.code === "unsupported-protocol") {
          this.#isClosed = true
          this.#drop()
          this.#listener.onStatus({ state: "refused", code: frame.code, reason: frame.message })
        }
        return
      default:
        return this.#listener.onFrame(frame)
    }
  }

  #onClose(code: number): void {
    const here = this.#isConnected
      ? "The connection was lost."
      : `The server at ${this.#url} can't be reached, or lets no runtime in (SPILLWAY_RUNTIME_TOKEN).`
    this.#lost(this.#said ?? (code === RuntimeCloseCode.frameTooLarge ? tooLarge : here))
  }

  #lost(reason: string): void {
    this.#drop()
    if (this.#isClosed) return
    const wait =
      Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt) * (0.5 + this.#environment.random() / 2)
    this.#attempt += 1
    this.#listener.onStatus({ state: "waiting", attempt: this.#attempt, reason })
    this.#setTimer(wait, () => this.connect())
  }

  /** Lets go of the socket, without waiting for the other side: it may be gone. */
  #drop(): void {
    const socket = this.#socket
    this.#setTimer(0, null)
    this.#socket = null
    this.#isConnected = false
    socket?.close()
  }

  /** Looks again once the server may have been silent for too long. */
  #watch(): void {
    const silence = this.#environment.now() - this.#heard
    if (silence >= SILENCE) return this.#lost("The server fell silent.")
    this.#setTimer(SILENCE - silence, () => this.#watch())
  }

  #setTimer(milliseconds: number, run: (() => void) | null): void {
    this.#cancelTimer()
    this.#cancelTimer = run === null ? () => {} : this.#environment.after(milliseconds, run)
  }
}

const tooLarge = `A frame was larger than ${RUNTIME_FRAME_LIMIT} bytes: yield less at a time.`

const parse = (data: unknown): RuntimeServerFrame | undefined => {
  if (typeof data !== "string") return undefined
  try {
    const frame: unknown = JSON.parse(data)
    return typeof frame === "object" && frame !== null && "type" in frame
      ? (frame as RuntimeServerFrame)
      : undefined
  } catch {
    return undefined
  }
}
