/**
 * When a client's frames are read, and when they are left in its socket: while `commandsInFlight` of its commands wait for their commit,
 * while it does not take what it is sent, and while it has sent more frames than it may in that time. What is left unread costs nothing
 * here: the kernel lets the client send no more.
 */
import type { ServerLimits } from "@spillway/contracts"
import { Clock, Effect } from "effect"
import type { Duplex } from "node:stream"
import { untakenBy } from "../untakenBy.ts"
import { Allowance } from "./Allowance.ts"
import type { ClientSocket } from "./ClientSocket.ts"

/** Bytes of a frame that count as one frame. */
const FRAME_UNIT = 4 * 1024

/** Bytes of a frame that make it worth a look how long it takes: less fits into what a socket is read at once. */
const UNFINISHED = 128 * 1024

/** Wrong frames that are forgiven in a second. */
const WRONG_PER_SECOND = 20

export interface IntakeOptions {
  readonly socket: ClientSocket
  /** What it goes over. */
  readonly connection: Duplex
  readonly limits: ServerLimits
  readonly clock: Clock.Clock
  /** Runs an effect until the socket is gone. */
  readonly run: (effect: Effect.Effect<void>) => void
  /** The client took what clogged its socket. */
  readonly onRoom: () => void
}

export class Intake {
  readonly #options: IntakeOptions
  readonly #frames: Allowance
  readonly #wrongFrames: Allowance
  /** It will be looked at again once its allowance is made good. */
  #waits = false
  #inFlight = 0
  #lastSeen: number
  /** The last frame that came whole: when, and how many bytes had come by then. */
  #whole: { readonly at: number; readonly read: number }
  #cloggedSince: number | null = null
  /** Bytes that waited for the client when it was looked at last. */
  #untaken = 0
  #ended = false

  constructor(options: IntakeOptions) {
    const { clock, limits } = options
    this.#options = options
    const now = () => clock.currentTimeMillisUnsafe()
    this.#frames = new Allowance(limits.framesPerSecond, limits.frameBurst, now)
    this.#wrongFrames = new Allowance(WRONG_PER_SECOND, limits.wrongFrames, now)
    this.#lastSeen = now()
    this.#whole = { at: now(), read: 0 }
  }

  /** A frame came, whole. */
  cameWhole(bytes: number): void {
    this.#whole = { at: this.#now(), read: this.#read() }
    this.came(bytes)
  }

  /** Something of so many bytes came. */
  came(bytes: number): void {
    this.#lastSeen = this.#now()
    this.#frames.spend(1 + Math.floor(bytes / FRAME_UNIT))
    this.adjust()
  }

  /** A frame was wrong: `false` when there were too many of these. */
  forgives(): boolean {
    this.#wrongFrames.spend(1)
    return this.#wrongFrames.wait === 0
  }

  commandBegan(): void {
    this.#inFlight += 1
    this.adjust()
  }

  commandEnded(): void {
    this.#inFlight -= 1
    this.adjust()
  }

  /** True while it takes too little of what it is sent. */
  get isClogged(): boolean {
    return this.#cloggedSince !== null
  }

  /** How long, in milliseconds, the client has taken nothing of what clogs its socket. */
  cloggedFor(): number {
    return this.#cloggedSince === null ? 0 : this.#now() - this.#cloggedSince
  }

  /** Looks whether the client took something since it was asked last: a large frame leaves little by little. */
  tookSome(): boolean {
    const untaken = untakenBy(this.#options.connection)
    const took = untaken > 0 && untaken !== this.#untaken
    this.#untaken = untaken
    if (took && this.#cloggedSince !== null) this.#cloggedSince = this.#now()
    return took
  }

  /** How long, in milliseconds, a large frame has been on its way in and is not whole: pings beside it are no sign that it will be. */
  unfinishedFor(): number {
    const now = this.#now()
    const isLarge = this.#read() - this.#whole.read > UNFINISHED
    if (!isLarge || this.#options.socket.isPaused) this.#whole = { ...this.#whole, at: now }
    return now - this.#whole.at
  }

  /** How long, in milliseconds, nothing came. What is left unread is no silence of the client's. */
  silentFor(): number {
    return this.#options.socket.isPaused ? 0 : this.#now() - this.#lastSeen
  }

  /** Reads whatever comes from here on: a paused socket would not see the client's answer to a close. */
  end(): void {
    this.#ended = true
    this.#options.socket.resume()
  }

  /** To be called when something has changed: what the client has to take, above all. */
  readonly adjust = (): void => {
    if (this.#ended) return
    const { limits, socket } = this.#options
    const clogged = socket.isClogged()
    if (clogged) this.#cloggedSince ??= this.#now()
    else if (this.#cloggedSince !== null) {
      this.#cloggedSince = null
      this.#options.onRoom()
    }
    const wait = this.#frames.wait
    if (wait > 0) this.#adjustIn(wait)
    const pause = clogged || wait > 0 || this.#inFlight >= limits.commandsInFlight
    if (pause && !socket.isPaused) socket.pause()
    else if (!pause && socket.isPaused) {
      this.#lastSeen = this.#now()
      socket.resume()
    }
  }

  #adjustIn(milliseconds: number): void {
    if (this.#waits) return
    this.#waits = true
    this.#options.run(
      Effect.map(Effect.sleep(milliseconds), () => {
        this.#waits = false
        this.adjust()
      })
    )
  }

  /** Bytes that came over the connection. */
  #read(): number {
    return (this.#options.connection as { readonly bytesRead?: number }).bytesRead ?? 0
  }

  #now(): number {
    return this.#options.clock.currentTimeMillisUnsafe()
  }
}
