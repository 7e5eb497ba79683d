/**
 * A session whose runtime is in another process, between the connections on which its reports come and the lane of its thread.
 *
 * - Reports are taken in by number: one that was taken in before is ignored, one with a gap before it or beyond the credit is refused.
 *   None that was taken in is lost with its connection.
 * - Credit is what this queue has room for. It moves on with what the lane has admitted, so that it is the thread that holds the host
 *   back.
 */
import type {
  RuntimeReport,
  RuntimeServerFrame,
  RuntimeServerFrameOf
} from "@spillway/contracts/runtime-protocol"
import type { Counter } from "@spillway/orchestration"
import type { NumberedSession } from "@spillway/runtime-ingestion"
import { Effect, Latch } from "effect"
import type { RuntimeHost } from "./RuntimeHost.ts"

/** Bytes that wait beyond which no more is read for this session. */
const WAITING_BYTES = 1024 * 1024

/** What is to be thought of a report that came in. `Stale`: it came on a way that another one has replaced. */
export type Taken =
  | { readonly _tag: "Taken" | "Stale" }
  | { readonly _tag: "Gap"; readonly expected: number }
  | { readonly _tag: "Beyond"; readonly until: number }

export interface RemoteSessionOptions {
  readonly numbered: NumberedSession
  readonly runtime: string
  readonly start: Omit<RuntimeServerFrameOf<"start">, "through" | "until">
  /** Reports that may wait here. */
  readonly window: number
  readonly hasSteering: () => boolean
  readonly counters: ReportCounters
}

export type ReportCounters = Readonly<Record<"taken" | "repeated" | "refused", Counter>>

interface Waiting {
  readonly report: RuntimeReport
  readonly bytes: number
}

const taken: Taken = { _tag: "Taken" }
const stale: Taken = { _tag: "Stale" }

export class RemoteSession {
  readonly runtime: string
  /** Open while a host has it. */
  readonly hasHost = Latch.makeUnsafe(false)
  readonly hasNoHost = Latch.makeUnsafe(true)
  /** The process that was given the turn, where that is known. */
  #startedOn: string | null = null
  readonly #options: RemoteSessionOptions
  readonly #arrived = Latch.makeUnsafe(false)
  readonly #room = Latch.makeUnsafe(true)
  /** Opened whenever something may have become durable. */
  readonly #progress = Latch.makeUnsafe(true)
  #waiting: Array<Waiting> = []
  #bytes = 0
  #host: RuntimeHost | null = null
  /** On which way reports come: a connection, or a request. There is one at a time. */
  #way: object | null = null
  #received: number
  #admitted: number
  #toldThrough: number
  #toldUntil = 0
  #scheduled = false
  #isOver = false
  /** What a host that comes back may have missed. */
  #step: RuntimeServerFrameOf<"step-opened"> | null = null
  #isInterrupted = false
  #toldSteering = false
  readonly #responses = new Map<string, RuntimeServerFrameOf<"respond">>()
  readonly #listeners = new Set<(frame: RuntimeServerFrame) => void>()

  constructor(options: RemoteSessionOptions) {
    this.#options = options
    this.runtime = options.runtime
    this.#received = this.#admitted = this.#toldThrough = options.numbered.through()
    options.numbered.onChange(() => {
      this.#progress.openUnsafe()
      this.#schedule()
    })
  }

  get address() {
    const { generation, sessionId } = this.#options.numbered.address
    return { sessionId, generation }
  }

  /** Reports up to it are here, or in the thread. */
  get received(): number {
    return this.#received
  }

  get through(): number {
    return this.#options.numbered.through()
  }

  get until(): number {
    return this.#admitted + this.#options.window
  }

  /** Nothing is taken in any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  get host(): RuntimeHost | null {
    return this.#host
  }

  /** Its reports are so large that whoever reads them should not read on, credit or not. */
  get isHeavy(): boolean {
    return this.#bytes > WAITING_BYTES
  }

  /** It has no room for another report. */
  get isFull(): boolean {
    return this.#received >= this.until || this.isHeavy
  }

  /** Resolves once there is room for a report. */
  room(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.isFull || this.#isOver) return Effect.void
      this.#room.closeUnsafe()
      return Effect.andThen(this.#room.await, this.room())
    })
  }

  /** Resolves once everything that was received is durable, or the session is over. */
  durable(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.through >= this.#received || this.#isOver) return Effect.void
      this.#progress.closeUnsafe()
      return Effect.andThen(this.#progress.await, this.durable())
    })
  }

  // ---- the host's side -------------------------------------------------------------------------------------------

  /** The host is given the turn. */
  start(host: RuntimeHost): void {
    this.#startedOn = host.id
    this.#setHost(host)
    this.#send({ ...this.#options.start, ...this.#cursor() })
    if (this.#isInterrupted) this.#send({ type: "interrupt", ...this.address })
  }

  /** It was given to that process, which never got it: nothing was heard of it, and now it does not know the session. */
  isToBeStartedOn(host: RuntimeHost): boolean {
    return host.id !== null && host.id === this.#startedOn && this.#host === null && this.#received === 0
  }

  /** The host has run it all the time, and comes back. */
  attach(host: RuntimeHost): void {
    this.#setHost(host)
    this.#send({ type: "attached", ...this.#cursor(), received: this.#received })
    if (this.#step !== null) this.#send(this.#step)
    this.#toldSteering = false
    this.#schedule()
    for (const response of this.#responses.values()) this.#send(response)
    if (this.#isInterrupted) this.#send({ type: "interrupt", ...this.address })
  }

  detach(host: RuntimeHost): void {
    if (this.#host === host) this.#setHost(null)
  }

  /** Reports come on this way from here on. Those that are still on another one are not taken in: they may be cut otherwise. */
  comeBy(way: object): void {
    this.#way = way
  }

  /** Ends a request that reports come by, if one does: whoever asks is about to send on another. A connection goes on. */
  endRequest(): void {
    if (this.#way !== this.#host) this.#way = null
  }

  /** @param bytes of the report on the wire. */
  take(way: object, report: RuntimeReport, bytes: number): Taken {
    const { sourceSequence } = report
    const { counters } = this.#options
    if (way !== this.#way || this.#isOver) return stale
    if (sourceSequence <= this.#received) {
      counters.repeated.add()
      return taken
    }
    if (sourceSequence !== this.#received + 1 || sourceSequence > this.until) {
      counters.refused.add()
      return sourceSequence === this.#received + 1
        ? { _tag: "Beyond", until: this.until }
        : { _tag: "Gap", expected: this.#received + 1 }
    }
    counters.taken.add()
    this.#received = sourceSequence
    this.#bytes += bytes
    this.#waiting.push({ report, bytes })
    this.#arrived.openUnsafe()
    return taken
  }

  /** Tells of the cursor and of what the session's host is told otherwise; the result stops it. */
  listen(listener: (frame: RuntimeServerFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Sends what waited for the host to take more. */
  catchUp(): void {
    this.#schedule()
  }

  // ---- the thread's side -----------------------------------------------------------------------------------------

  /** The next report in order. It counts against the credit until `admitted`. */
  next(): Effect.Effect<RuntimeReport> {
    return Effect.suspend(() => {
      const first = this.#waiting[0]
      if (first !== undefined) return Effect.succeed(first.report)
      this.#arrived.closeUnsafe()
      return Effect.andThen(this.#arrived.await, this.next())
    })
  }

  /** The thread has room for the report that was next. */
  admitted(): void {
    const { bytes, report } = this.#waiting.shift()!
    this.#bytes -= bytes
    this.#admitted = report.sourceSequence
    if (!this.isFull) this.#room.openUnsafe()
    this.#schedule()
  }

  stepOpened(step: Omit<RuntimeServerFrameOf<"step-opened">, "type" | "sessionId" | "generation">): void {
    this.#step = { type: "step-opened", ...this.address, ...step }
    this.#toldSteering = false
    this.#send(this.#step)
  }

  interrupt(): void {
    this.#isInterrupted = true
    this.#send({ type: "interrupt", ...this.address })
  }

  respond(answer: Pick<RuntimeServerFrameOf<"respond">, "requestId" | "response">): void {
    const frame = { type: "respond", ...this.address, ...answer } as const
    this.#responses.set(answer.requestId, frame)
    this.#send(frame)
  }

  /** Nothing more is taken in. What the host is told of it, the session's state says. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#waiting = []
    this.#room.openUnsafe()
    this.#progress.openUnsafe()
    if (this.#options.numbered.state() === "over") {
      this.#send({ type: "ended", ...this.address, through: this.through })
    }
    this.#setHost(null)
  }

  // ----------------------------------------------------------------------------------------------------------------

  #setHost(host: RuntimeHost | null): void {
    this.#host = host
    if (host !== null) this.#way = host
    const [open, closed] = host === null ? [this.hasNoHost, this.hasHost] : [this.hasHost, this.hasNoHost]
    closed.closeUnsafe()
    open.openUnsafe()
  }

  #cursor() {
    this.#toldThrough = this.through
    this.#toldUntil = this.until
    return { ...this.address, through: this.#toldThrough, until: this.#toldUntil }
  }

  #send(frame: RuntimeServerFrame): void {
    this.#host?.send(frame)
    for (const listener of this.#listeners) listener(frame)
  }

  /** Acks once for what happens at a time. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#steer()
      this.#ack()
    })
  }

  #steer(): void {
    if (this.#isOver || this.#toldSteering || !this.#options.hasSteering()) return
    this.#toldSteering = true
    this.#send({ type: "steer", ...this.address })
  }

  #ack(): void {
    if (this.#isOver || this.#host?.isClogged() === true) return
    const moved = this.until - this.#toldUntil
    if (this.through === this.#toldThrough && moved < this.#options.window / 4) return
    this.#send({ type: "ack", ...this.#cursor() })
  }
}
