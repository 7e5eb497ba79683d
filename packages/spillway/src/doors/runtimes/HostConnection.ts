/**
 * One host's websocket: hello, then reports. Whatever comes in gets an answer that is a value; its leaving stops nothing.
 *
 * Each session has a credit of its own, so that a thread that takes no more holds back its own reports and nobody else's. Beyond
 * that the socket is left unread while the reports of one session are too large to wait here.
 */
import {
  type HostFrame,
  RUNTIME_PROTOCOL,
  RuntimeCloseCode,
  type RuntimeErrorCode,
  type RuntimeLimits,
  type RuntimeOffer,
  type RuntimeServerFrame
} from "@spillway/contracts/runtime-protocol"
import type { EventLog, ReadModels, ThreadEngine } from "@spillway/orchestration"
import type { RemoteHosts, RemoteSession, RuntimeHost, SessionAddress } from "@spillway/provider-runtimes"
import { Clock, Effect, Exit, type Redacted, Result, Scope } from "effect"
import { isToken } from "../token.ts"
import { decodeHostFrame, runtimeError } from "./decodeHostFrame.ts"
import { HOST_LIMIT } from "./limits.ts"
import type { HostSocket } from "./HostSocket.ts"
import { findOut, notOpen } from "./sessionFate.ts"

/** How long a socket may stay without saying hello. Milliseconds. */
const HELLO_TIMEOUT = 10_000

/** Pings go out at this interval; a socket that lets three go by without any sign of life is closed. Milliseconds. */
const PING_INTERVAL = 20_000

/** How long a host may not take what it is sent. Milliseconds. */
const STALL_TIMEOUT = 30_000

export type HostServices = EventLog | ReadModels | ThreadEngine

export interface HostConnectionOptions {
  /** What hello must carry; `null` when the upgrade carried it. */
  readonly token: Redacted.Redacted | null
  readonly server: string
  readonly limits: RuntimeLimits
  readonly hosts: RemoteHosts["Service"]
  /** This process runs the turns. */
  readonly isActive: () => boolean
  readonly fork: (effect: Effect.Effect<void, never, HostServices>) => void
  readonly clock: Clock.Clock
}

export class HostConnection implements RuntimeHost {
  id: string | null = null
  offers: ReadonlyArray<RuntimeOffer> = []
  readonly #socket: HostSocket
  readonly #options: HostConnectionOptions
  readonly #scope = Scope.makeUnsafe()
  readonly #openedAt: number
  #saidHello = false
  #closing = false
  #lastSeen: number
  #lastPing: number
  #cloggedSince: number | null = null

  constructor(socket: HostSocket, options: HostConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#openedAt = this.#lastSeen = this.#lastPing = options.clock.currentTimeMillisUnsafe()
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary))
    socket.on("ping", this.#seen)
    socket.on("pong", this.#seen)
    // A socket that breaks tells of it by closing too.
    socket.on("error", () => {})
    socket.on("close", () => this.#onClose())
  }

  /** Looks after the clock's side of the connection; called about once a second. */
  tick(): void {
    if (this.#closing) return
    const now = this.#options.clock.currentTimeMillisUnsafe()
    if (!this.#saidHello && now - this.#openedAt > HELLO_TIMEOUT) {
      return this.#refuse("hello-expected", "Nothing came for 10 seconds: the first frame must be hello.")
    }
    if (this.#cloggedSince !== null && now - this.#cloggedSince >= STALL_TIMEOUT) {
      return this.#refuse("stalled", "Nothing was read for 30 seconds: connect again.", true)
    }
    if (now - this.#lastPing >= PING_INTERVAL) {
      this.#lastPing = now
      this.send({ type: "ping" })
      this.#socket.ping()
    }
    if (!this.#socket.isPaused && now - this.#lastSeen > 3 * PING_INTERVAL) this.#socket.terminate()
  }

  readonly send = (frame: RuntimeServerFrame): void => {
    if (this.#closing) return
    this.#socket.send(JSON.stringify(frame), this.#sent)
    if (this.#socket.isClogged()) this.#cloggedSince ??= this.#options.clock.currentTimeMillisUnsafe()
  }

  readonly isClogged = (): boolean => this.#socket.isClogged()

  /** Says goodbye. Its sessions wait for it. */
  leave(code: "unavailable" | "not-active", message: string): void {
    if (!this.#closing) this.#refuse(code, message, true)
  }

  readonly #seen = (): void => {
    this.#lastSeen = this.#options.clock.currentTimeMillisUnsafe()
  }

  readonly #sent = (): void => {
    if (this.#cloggedSince === null || this.#socket.isClogged()) return
    this.#cloggedSince = null
    for (const session of this.#options.hosts.sessionsOf(this)) session.catchUp()
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#seen()
    if (this.#closing) return
    if (isBinary) return this.#bad("The frame is binary: send JSON as text frames.")
    const decoded = decodeHostFrame(data.toString("utf8"))
    const frame = Result.getOrUndefined(decoded)
    if (!this.#saidHello) {
      if (frame?.type === "hello") return this.#hello(frame)
      const said = Result.isFailure(decoded) ? ` ${decoded.failure.message}` : ""
      return this.#refuse("hello-expected", `The first frame must be hello.${said}`)
    }
    if (Result.isFailure(decoded)) return this.#refuse("malformed-frame", decoded.failure.message)
    switch (frame?.type) {
      case "hello":
        return this.#bad("Hello was said before: report what happens.")
      case "events":
        return this.#events(frame, data.length)
      case "ping":
        return this.send({ type: "pong" })
      default:
        return
    }
  }

  #hello({
    host: id,
    protocol,
    runtimes,
    sessions = [],
    token: given
  }: Extract<HostFrame, { readonly type: "hello" }>): void {
    const { hosts, isActive, limits, server, token } = this.#options
    if (protocol !== RUNTIME_PROTOCOL) {
      return this.#refuse(
        "unsupported-protocol",
        `This server speaks ${RUNTIME_PROTOCOL}: say hello with that protocol.`
      )
    }
    if (token !== null && (given === undefined || !isToken(token, given))) {
      return this.#refuse(
        "unauthorized",
        "The token is missing or wrong: send the server's SPILLWAY_RUNTIME_TOKEN as `token` of hello."
      )
    }
    if (!isActive()) {
      return this.#refuse(
        "not-active",
        "Another process runs the turns now: connect again, until that one answers.",
        true
      )
    }
    if (hosts.hostCount() >= HOST_LIMIT) {
      return this.#refuse(
        "too-many-hosts",
        `${HOST_LIMIT} hosts are connected, which is the limit: run more runtimes in each.`,
        true
      )
    }
    this.#saidHello = true
    this.id = id ?? null
    this.offers = runtimes
    this.send({ type: "welcome", protocol: RUNTIME_PROTOCOL, server, limits })
    for (const session of hosts.connect(this, sessions)) this.#whileOpen(findOut(hosts, this, session))
  }

  #events(
    { events, generation, sessionId }: Extract<HostFrame, { readonly type: "events" }>,
    bytes: number
  ): void {
    const { hosts, limits } = this.#options
    const address = { sessionId, generation }
    if (events.length > limits.eventsPerFrame) {
      return this.#bad(`A frame holds at most ${limits.eventsPerFrame} events: send them in several.`)
    }
    const session = hosts.session(address)
    // On its way when the session ended, as a rule: the host has been told, or is being told.
    if (session === undefined) return this.send({ type: "fenced", ...address, message: notOpen })
    const each = events.length === 0 ? 0 : Math.ceil(bytes / events.length)
    for (const event of events) {
      const taken = session.take(this, event, each)
      if (taken._tag === "Stale" && session.host === this && !session.isOver) {
        return this.#outOfOrder("superseded", address, { message: superseded })
      }
      if (taken._tag === "Gap") {
        return this.#outOfOrder("sequence-gap", address, {
          message: `Number ${event.sourceSequence} came where ${taken.expected} was expected: connect again, and go on behind \`received\`.`,
          expected: taken.expected
        })
      }
      if (taken._tag === "Beyond") {
        return this.#outOfOrder("window-exceeded", address, {
          message: `Number ${event.sourceSequence} was sent, and up to ${taken.until} was allowed: wait for an ack that moves \`until\`.`
        })
      }
    }
    if (session.isHeavy) this.#pauseFor(session)
  }

  #pauseFor(session: RemoteSession): void {
    if (this.#socket.isPaused) return
    this.#socket.pause()
    this.#whileOpen(
      Effect.map(session.room(), () => {
        this.#seen()
        this.#socket.resume()
      })
    )
  }

  #outOfOrder(
    code: "sequence-gap" | "window-exceeded" | "superseded",
    address: SessionAddress,
    { message, ...more }: { readonly message: string; readonly expected?: number }
  ): void {
    this.send(runtimeError(code, message, { retryable: true, ...address, ...more }))
    this.#close(RuntimeCloseCode.outOfOrder, code)
  }

  #bad(message: string): void {
    this.#refuse("malformed-frame", message)
  }

  /** Goes with an error. What the host sends after a frame that could not be read could only leave a gap. */
  #refuse(code: keyof typeof closeCodes, message: string, retryable = false): void {
    this.send(runtimeError(code, message, { retryable }))
    this.#close(closeCodes[code], code)
  }

  #close(code: number, reason: string): void {
    this.#closing = true
    this.#options.hosts.disconnect(this)
    // A paused socket would not see the host's answer to the close.
    this.#socket.resume()
    this.#socket.close(code, reason)
  }

  #onClose(): void {
    this.#closing = true
    this.#options.hosts.disconnect(this)
    this.#options.fork(Scope.close(this.#scope, Exit.void))
  }

  /** Runs until the connection's scope closes. */
  #whileOpen(effect: Effect.Effect<void, never, HostServices>): void {
    this.#options.fork(Effect.asVoid(Effect.forkIn(effect, this.#scope)))
  }
}

const superseded = "The session's reports came by HTTP meanwhile: connect again, and go on behind `received`."

const closeCodes = {
  "hello-expected": RuntimeCloseCode.helloExpected,
  "unsupported-protocol": RuntimeCloseCode.unsupportedProtocol,
  unauthorized: RuntimeCloseCode.unauthorized,
  "malformed-frame": RuntimeCloseCode.malformed,
  "too-many-hosts": RuntimeCloseCode.tooManyHosts,
  "not-active": RuntimeCloseCode.notActive,
  stalled: RuntimeCloseCode.stalled,
  unavailable: RuntimeCloseCode.shuttingDown
} as const satisfies Partial<Record<RuntimeErrorCode, number>>
