/**
 * One client's connection: hello, then commands and subscriptions. Whatever comes in gets an answer that is a value; nothing that a
 * client sends ends the server, and its leaving stops nothing.
 *
 * A client that asks for too much is made to wait (Intake says when its frames are read), one that takes too little gets less (Outbox).
 * Sent away is only one that does its part at no time, or whose frames are wrong again and again.
 */
import {
  type ClientCommand,
  type ClientFrame,
  CloseCode,
  FRAME_LIMIT,
  PROTOCOL,
  type ServerFrame,
  type ServerLimits,
  type Subscription,
  type TenantId
} from "@spillway/contracts"
import { Clock, Effect, Exit, type Redacted, Scope } from "effect"
import type { Duplex } from "node:stream"
import { type ClientSocket, frameTooLarge } from "./ClientSocket.ts"
import { decodeFrame, errorFrame, type ErrorFrame } from "./decodeFrame.ts"
import type { DoorMetrics } from "../DoorMetrics.ts"
import { answerCommand } from "./answerCommand.ts"
import { Intake } from "./Intake.ts"
import { Outbox } from "./Outbox.ts"
import { type Fork, Subscriptions } from "./Subscriptions.ts"
import { isToken } from "../token.ts"

/** Pings go out at this interval; a socket that lets three go by without any sign of life is closed. Milliseconds. */
const PING_INTERVAL = 20_000

export interface ConnectionOptions {
  /** The token that hello must carry; `null` when none is asked for, or the upgrade carried it. */
  readonly token: Redacted.Redacted | null
  /** What the socket goes over. */
  readonly connection: Duplex
  readonly tenant: TenantId
  readonly actor: string
  readonly limits: ServerLimits
  readonly metrics: DoorMetrics["Service"]
  readonly welcome: Omit<Extract<ServerFrame, { readonly type: "welcome" }>, "type" | "limits" | "protocol">
}

export class Connection {
  readonly #socket: ClientSocket
  readonly #options: ConnectionOptions
  readonly #fork: Fork
  readonly #clock: Clock.Clock
  readonly #outbox: Outbox
  readonly #intake: Intake
  readonly #scope = Scope.makeUnsafe()
  readonly #subscriptions: Subscriptions
  readonly #openedAt: number
  #saidHello = false
  #stopping = false
  #closing = false
  #lastPing: number

  constructor(socket: ClientSocket, options: ConnectionOptions, fork: Fork, clock: Clock.Clock) {
    this.#socket = socket
    this.#options = options
    this.#fork = fork
    this.#clock = clock
    this.#openedAt = this.#lastPing = clock.currentTimeMillisUnsafe()
    const { limits } = options
    const run = (effect: Effect.Effect<void>) => this.#whileOpen(effect)
    const onRoom = () => this.#outbox.schedule()
    this.#intake = new Intake({ socket, connection: options.connection, limits, clock, run, onRoom })
    this.#outbox = new Outbox(
      { send: this.#send, hasRoom: () => !this.#intake.isClogged, run },
      { events: limits.creditEvents, bytes: limits.creditBytes },
      clock,
      options.metrics
    )
    this.#subscriptions = new Subscriptions({
      tenant: options.tenant,
      limit: limits.subscriptions,
      outbox: this.#outbox,
      scope: this.#scope,
      fork
    })
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary))
    socket.on("ping", (data: Buffer) => this.#intake.came(data.length))
    socket.on("pong", (data: Buffer) => this.#intake.came(data.length))
    // A socket that breaks tells of it by closing too.
    socket.on("error", () => {})
    socket.on("close", () => this.#onClose())
  }

  /** Its frames are not read, because the client does not take ours, has too many commands under way, or sent too many. */
  get isPaused(): boolean {
    return this.#socket.isPaused
  }

  subscriptions(kind: Subscription["to"]): number {
    return this.#subscriptions.count(kind)
  }

  /** Looks after the clock's side of the connection; called about once a second. */
  tick(): void {
    if (this.#closing) return
    const now = this.#clock.currentTimeMillisUnsafe()
    const { helloSeconds, stallSeconds } = this.#options.limits
    if (!this.#saidHello && now - this.#openedAt > helloSeconds * 1_000) {
      return this.#refuse(
        "hello-expected",
        `Nothing came for ${helloSeconds} seconds: the first frame must be hello.`,
        CloseCode.helloExpected
      )
    }
    if (this.#intake.tookSome()) this.#outbox.forgiveStall()
    this.#outbox.tick()
    const stalled = Math.max(this.#outbox.stalledFor(), this.#intake.cloggedFor())
    if (stalled >= stallSeconds * 1_000) return this.#closeStalled()
    if (now - this.#lastPing >= PING_INTERVAL) {
      this.#lastPing = now
      this.#outbox.control({ type: "ping" })
      this.#socket.ping()
    }
    const lost = Math.max(this.#intake.silentFor(), this.#intake.unfinishedFor())
    if (lost > 3 * PING_INTERVAL) this.#socket.terminate()
  }

  /** Takes no commands from here on: those under way still get their receipts. */
  stopTaking(): void {
    this.#stopping = true
  }

  /** Sends what there is room for, then says goodbye. */
  shutDown(): void {
    if (this.#closing) return
    this.#outbox.flush()
    this.#close(
      CloseCode.shuttingDown,
      "The server stops: connect again in a moment and go on from where you are."
    )
  }

  readonly #send = (text: string | Buffer): void => {
    this.#socket.sendText(text, this.#intake.adjust)
    this.#intake.adjust()
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#intake.cameWhole(data.length)
    if (this.#closing) return
    if (data.length > FRAME_LIMIT) {
      this.#send(frameTooLarge)
      return this.#countWrong()
    }
    if (isBinary) {
      return this.#wrong(errorFrame("malformed-frame", "The frame is binary: send JSON as text frames."))
    }
    const decoded = decodeFrame(data.toString("utf8"))
    if (!this.#saidHello) {
      if (decoded._tag === "Frame" && decoded.frame.type === "hello") return this.#hello(decoded.frame)
      const said = decoded._tag === "Bad" ? ` ${decoded.error.message}` : ""
      return this.#refuse("hello-expected", `The first frame must be hello.${said}`, CloseCode.helloExpected)
    }
    if (decoded._tag === "Bad") return this.#wrong(decoded.error)
    if (decoded._tag === "Frame") this.#onFrame(decoded.frame)
  }

  #wrong(error: ErrorFrame): void {
    this.#outbox.control(error)
    this.#countWrong()
  }

  #countWrong(): void {
    if (this.#intake.forgives()) return
    this.#options.metrics.wrongCloses.add()
    const said = `Over ${this.#options.limits.wrongFrames} frames were wrong: mend the client, and connect again.`
    this.#refuse("rate-exceeded", said, CloseCode.rateExceeded)
  }

  #hello(frame: Extract<ClientFrame, { readonly type: "hello" }>): void {
    if (frame.protocol !== PROTOCOL) {
      const said = `This server speaks ${PROTOCOL}: say hello with that protocol.`
      return this.#refuse("unsupported-protocol", said, CloseCode.unsupportedProtocol)
    }
    const { limits, token, welcome } = this.#options
    if (token !== null && (frame.token === undefined || !isToken(token, frame.token))) {
      const said =
        "The token is missing or wrong: send the server's SPILLWAY_TOKEN as `token` of hello; on the command line, with --token or SPILLWAY_TOKEN."
      return this.#refuse("unauthorized", said, CloseCode.unauthorized)
    }
    this.#saidHello = true
    this.#outbox.control({ type: "welcome", protocol: PROTOCOL, ...welcome, limits })
  }

  #onFrame(frame: ClientFrame): void {
    switch (frame.type) {
      case "hello":
        return this.#outbox.control(
          errorFrame("malformed-frame", "Hello was said before: send commands and subscribe.")
        )
      case "command":
        return this.#command(frame.command)
      case "subscribe":
        return this.#subscriptions.open(frame.id, frame.subscription)
      case "unsubscribe":
        return this.#subscriptions.close(frame.id)
      case "ack":
        return this.#outbox.ack(frame.seq)
      case "ping":
        return this.#outbox.control({ type: "pong" })
      case "pong":
        return
    }
  }

  #command(command: ClientCommand): void {
    if (this.#stopping) {
      const said = "The server stops: connect again in a moment and send the same command again."
      const { commandId } = command
      return this.#outbox.control(errorFrame("unavailable", said, { retryable: true, commandId }))
    }
    this.#intake.commandBegan()
    const { actor, tenant } = this.#options
    this.#fork(
      Effect.map(answerCommand({ tenant, actor, correlationId: null }, command), (answer) => {
        this.#outbox.control(answer)
        this.#intake.commandEnded()
      })
    )
  }

  #refuse(
    code: "hello-expected" | "unsupported-protocol" | "unauthorized" | "rate-exceeded",
    message: string,
    closeCode: number
  ): void {
    this.#outbox.control(errorFrame(code, message))
    this.#close(closeCode, code)
  }

  #closeStalled(): void {
    this.#options.metrics.stalledCloses.add()
    const resumeAfter = this.#outbox.resumeAfter()
    const said = `Nothing was acked for ${this.#options.limits.stallSeconds} seconds: connect again, and go on after what you have.`
    this.#outbox.control(errorFrame("stalled", said, { retryable: true, resumeAfter }))
    this.#close(CloseCode.stalled, stalledReason(resumeAfter))
  }

  #close(code: number, reason: string): void {
    this.#closing = true
    this.#outbox.close()
    this.#intake.end()
    this.#socket.close(code, reason)
  }

  #onClose(): void {
    this.#closing = true
    this.#outbox.close()
    this.#fork(Scope.close(this.#scope, Exit.void))
  }

  /** Runs until the connection's scope closes. */
  #whileOpen(effect: Effect.Effect<void>): void {
    this.#fork(Effect.asVoid(Effect.forkIn(effect, this.#scope, { startImmediately: true })))
  }
}

/** A close's reason holds 123 bytes: as many subscriptions as fit. */
const stalledReason = (resumeAfter: Record<string, number>): string => {
  const entries = Object.entries(resumeAfter)
  for (let count = entries.length; ; count--) {
    const reason = JSON.stringify({ resumeAfter: Object.fromEntries(entries.slice(0, count)) })
    if (Buffer.byteLength(reason) <= 123 || count === 0) return reason
  }
}
