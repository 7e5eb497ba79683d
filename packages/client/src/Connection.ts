/**
 * One websocket to the server for as long as it is wanted: connected again when it is lost, looked after while it is there.
 *
 * Reading is driven by what arrives and by nothing else: no timer stands between a frame and the view, so that a page in the background
 * reads on as fast as its socket does. One timer at a time watches over the silence; a page that wakes does not wait for it.
 */
import type { ClientFrame, ServerFrame, ServerLimits } from "@spillway/contracts"
import { CloseCode, PROTOCOL } from "@spillway/contracts/plain"
import { backoff } from "./backoff.ts"
import type { Environment, Socket } from "./Environment.ts"
import { Disconnected } from "./errors.ts"

/** How long a server may take to say welcome. Milliseconds. */
const CONNECT_TIMEOUT = 15_000

/** The server pings every 20 seconds: past this much silence it is asked whether it is there. Milliseconds. */
const QUIET = 30_000

/** How long it may take to answer that. Milliseconds. */
const ANSWER_TIMEOUT = 5_000

/** A connection that lasted this long was a good one: the next wait is a short one again. Milliseconds. */
const LASTED = 10_000

export type ConnectionStatus =
  /** Nothing was asked of the server yet. */
  | { readonly state: "idle" }
  | { readonly state: "connecting" }
  | {
      readonly state: "connected"
      readonly logId: string
      readonly server: string
      /** What turns run on when a send names no runtime. */
      readonly defaultRuntime: string
    }
  /** The connection was lost, or there was none; it is tried again at `retryAt` (milliseconds since 1970). */
  | {
      readonly state: "waiting"
      readonly attempt: number
      readonly retryAt: number
      readonly reason: string
    }
  /** The server does not let this client in. `reconnect()` tries again, with another token say. */
  | { readonly state: "refused"; readonly error: Disconnected }
  | { readonly state: "closed" }

export type Token = string | (() => string | undefined | Promise<string | undefined>)

type Welcome = Extract<ServerFrame, { readonly type: "welcome" }>

/** Who stands on the connection. */
export interface ConnectionListener {
  readonly onStatus: (status: ConnectionStatus) => void
  readonly onWelcome: (welcome: { readonly logId: string; readonly limits: ServerLimits }) => void
  readonly onFrame: (frame: ServerFrame) => void
  /** What was sent and not answered may be lost. */
  readonly onCut: () => void
  readonly onRefused: (error: Disconnected) => void
}

export class Connection {
  readonly #url: string
  readonly #token: Token | undefined
  readonly #environment: Environment
  readonly #listener: ConnectionListener
  readonly #stopWaking: () => void
  #status: ConnectionStatus = { state: "idle" }
  #socket: Socket | null = null
  #attempt = 0
  /** When the server was last heard, and when it said welcome. */
  #heard = 0
  #since = 0
  /** Frames read so far. */
  #frames = 0
  #probing = false
  /** What waits for its pong. */
  #fences: Array<() => void> = []
  #cancelTimer: () => void = nothing

  constructor(url: string, token: Token | undefined, environment: Environment, listener: ConnectionListener) {
    this.#url = url
    this.#token = token
    this.#environment = environment
    this.#listener = listener
    this.#stopWaking = environment.onWake(() => this.wake())
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** Connects, unless that was begun before. */
  open(): void {
    if (this.#status.state === "idle") this.#connect()
  }

  /** Connects anew, at once: after a refusal, or instead of waiting. */
  reconnect(): void {
    if (this.#status.state === "closed") return
    this.#attempt = 0
    if (this.#drop()) this.#connect()
  }

  /** Sends a frame; `false` when there is no connection to send it on. */
  send(frame: ClientFrame): boolean {
    if (this.#socket === null || this.#status.state !== "connected") return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  /** Calls when everything that the server had to send at this moment was read. Lost with the connection. */
  fence(passed: () => void): void {
    if (this.send({ type: "ping" })) this.#fences.push(passed)
  }

  /** Something may have happened unseen: the machine slept, the network changed. */
  wake(): void {
    const { state } = this.#status
    if (state === "waiting") this.reconnect()
    else if (state === "connected") this.#probe()
    else if (state === "connecting" && this.#silence() > CONNECT_TIMEOUT) this.reconnect()
  }

  close(): void {
    if (this.#status.state === "closed") return
    this.#stopWaking()
    this.#drop()
    this.#setStatus({ state: "closed" })
  }

  #connect(): void {
    this.#heard = this.#environment.now()
    if (!this.#setStatus({ state: "connecting" })) return
    this.#setTimer(CONNECT_TIMEOUT, () => this.#lost("The server did not answer in time."))
    let socket: Socket
    try {
      socket = this.#environment.openSocket(this.#url)
    } catch (error) {
      return this.#lost(`A connection to ${this.#url} is not allowed here: ${String(error)}`)
    }
    this.#socket = socket
    const isCurrent = () => this.#socket === socket
    socket.addEventListener("open", () => void this.#hello(socket, isCurrent))
    socket.addEventListener("message", ({ data }) => {
      if (isCurrent()) this.#onMessage(data)
    })
    // A socket that breaks tells of it by closing too.
    socket.addEventListener("error", nothing)
    socket.addEventListener("close", ({ code }) => {
      if (isCurrent()) this.#onClose(code)
    })
  }

  async #hello(socket: Socket, isCurrent: () => boolean): Promise<void> {
    try {
      const token = typeof this.#token === "function" ? await this.#token() : this.#token
      const frame = { type: "hello", protocol: PROTOCOL, ...(token !== undefined && { token }) }
      if (isCurrent()) socket.send(JSON.stringify(frame))
    } catch (error) {
      if (isCurrent()) this.#lost(`The token could not be had: ${String(error)}`)
    }
  }

  #onMessage(data: unknown): void {
    const silence = this.#silence()
    this.#heard = this.#environment.now()
    this.#frames += 1
    const frame = parse(data)
    if (frame === undefined) return
    // A machine that slept may be reading what was left in a socket that is dead by now.
    if (silence > QUIET) this.#probe()
    if (frame.type === "welcome") return this.#onWelcome(frame)
    if (frame.type === "ping") return void this.send({ type: "pong" })
    if (frame.type === "pong") return this.#fences.shift()?.()
    if (frame.type === "error" && (frame.code === "unauthorized" || frame.code === "unsupported-protocol")) {
      return this.#refuse(frame.code, frame.message)
    }
    this.#listener.onFrame(frame)
    if ("seq" in frame) this.send({ type: "ack", seq: frame.seq })
  }

  #onWelcome({ defaultRuntime, limits, logId, server }: Welcome): void {
    this.#since = this.#environment.now()
    if (!this.#setStatus({ state: "connected", logId, server, defaultRuntime })) return
    this.#watch()
    this.#listener.onWelcome({ logId, limits })
  }

  #onClose(code: number): void {
    if (code === CloseCode.unauthorized) return this.#refuse("unauthorized", "The token is missing or wrong.")
    if (code === CloseCode.unsupportedProtocol) {
      return this.#refuse("unsupported-protocol", `The server does not speak ${PROTOCOL}.`)
    }
    if (this.#status.state === "connecting") {
      return this.#lost(
        `The server at ${this.#url} can't be reached, or does not let this page in (SPILLWAY_ALLOWED_ORIGINS).`
      )
    }
    this.#lost(closings[code] ?? "The connection was lost.")
  }

  #lost(reason: string): void {
    const now = this.#environment.now()
    if (this.#status.state === "connected" && now - this.#since >= LASTED) this.#attempt = 0
    if (!this.#drop()) return
    const wait = backoff(this.#attempt, this.#environment.random())
    const attempt = (this.#attempt += 1)
    if (!this.#setStatus({ state: "waiting", attempt, retryAt: now + wait, reason })) return
    this.#setTimer(wait, () => this.#connect())
  }

  #refuse(code: Disconnected["code"], message: string): void {
    const error = new Disconnected(code, message)
    if (this.#drop() && this.#setStatus({ state: "refused", error })) this.#listener.onRefused(error)
  }

  /**
   * Lets go of the socket, without waiting for the other side: it may be gone. `false` when whoever was told of it has closed the client
   * or connected anew: that goes before what was to come next.
   */
  #drop(): boolean {
    const socket = this.#socket
    const status = this.#status
    this.#setTimer(0, null)
    this.#socket = null
    this.#fences = []
    socket?.close()
    if (socket !== null && status.state === "connected") this.#listener.onCut()
    return this.#status === status
  }

  /** Looks again once the server may have been silent for too long. */
  #watch(): void {
    this.#probing = false
    this.#setTimer(Math.max(0, QUIET - this.#silence()), () =>
      this.#silence() < QUIET ? this.#watch() : this.#probe()
    )
  }

  /** Asks the server whether it is there. Anything that it says is an answer. */
  #probe(): void {
    if (this.#probing) return
    this.#probing = true
    const frames = this.#frames
    this.fence(nothing)
    this.#setTimer(ANSWER_TIMEOUT, () => (this.#frames > frames ? this.#watch() : this.reconnect()))
  }

  #silence(): number {
    return this.#environment.now() - this.#heard
  }

  #setTimer(milliseconds: number, run: (() => void) | null): void {
    this.#cancelTimer()
    this.#cancelTimer = run === null ? nothing : this.#environment.after(milliseconds, run)
  }

  /** `false` when whoever was told of it has closed the client or connected anew. */
  #setStatus(status: ConnectionStatus): boolean {
    this.#status = status
    this.#listener.onStatus(status)
    return this.#status === status
  }
}

const closings: Record<number, string> = {
  [CloseCode.shuttingDown]: "The server is going down, or starts again.",
  [CloseCode.stalled]: "The server waited too long for this client to take what it was sent."
}

/** Frames of types that are not known here are for other clients: whoever gets one leaves it. */
const parse = (data: unknown): ServerFrame | undefined => {
  if (typeof data !== "string") return undefined
  try {
    const frame: unknown = JSON.parse(data)
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerFrame) : undefined
  } catch {
    return undefined
  }
}

const nothing = (): void => {}
