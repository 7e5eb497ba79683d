/**
 * One client's event stream, as the body of a response. What the client takes is its credit: Node asks for more when the socket has
 * room, and not before.
 *
 * Guarantees:
 * - Nothing is attached before the body is read, and everything is let go of when it is destroyed, however that comes about.
 * - A client that does not read costs at most BUFFERED bytes and one batch here, what Node and the kernel hold for its socket, and
 *   WAITING_LIMITS of events. Live frames are left out first, then it falls behind and reads the log again once there is room.
 * - The answer ends when nothing can come any more.
 */
import { followAgain } from "@spillway/orchestration"
import { Effect, type Scope } from "effect"
import { Readable } from "node:stream"
import type { DoorMetrics } from "../DoorMetrics.ts"
import { Follower, type Source } from "../following/Follower.ts"
import { batchText, HEARTBEAT, OPENING, UNAVAILABLE } from "./messageText.ts"

/** Bytes that wait in the body before Node asks for no more. */
const BUFFERED = 16 * 1024

/** Bytes handed on at once, so that a client that takes little is seen to take something. */
const PIECE = 16 * 1024

/** What may wait for a client that does not read: as much as a websocket may have un-acked. */
const WAITING_LIMITS = { events: 512, length: 256 * 1024 }

/** A stream on which nothing went out for so long gets a comment. Milliseconds. */
const HEARTBEAT_INTERVAL = 15_000

export interface EventStreamOptions {
  readonly source: Source
  readonly logId: string
  /** The client has everything up to here. */
  readonly after: number
  /** How long a client may take nothing of what waits for it. Milliseconds. */
  readonly stallAfter: number
  readonly now: () => number
  /** Runs an effect until the stream is gone. */
  readonly run: (effect: Effect.Effect<void, never, Scope.Scope>) => void
  readonly metrics: Pick<DoorMetrics["Service"], "liveDropped" | "readerPauses">
  /** Called once the body is read for the first time. */
  readonly onOpen: (stream: EventStream) => void
  readonly onClose: (stream: EventStream) => void
}

export class EventStream extends Readable {
  readonly #options: EventStreamOptions
  readonly #follower: Follower
  #isOpen = false
  /** Node asked for more, and has not had enough since. */
  #wanted = false
  #scheduled = false
  #reading = false
  #finished = false
  #saidUnavailable = false
  #pushed = 0
  #sentAt = 0
  /** How much had been taken at the last tick at which something new had, and when that was. */
  #taken = { bytes: 0, at: 0 }

  constructor(options: EventStreamOptions) {
    super({ highWaterMark: BUFFERED })
    this.#options = options
    this.#follower = new Follower(options.source, {
      hasRoom: () => this.#wanted,
      offered: () => {
        if (!this.#wanted) this.#holdLittle()
        else this.#schedule()
      },
      liveDropped: () => options.metrics.liveDropped.add()
    })
  }

  override _read(): void {
    this.#wanted = true
    if (this.#isOpen) this.#schedule()
    else this.#open()
  }

  override _destroy(_error: Error | null, callback: (error?: Error | null) => void): void {
    this.#finished = true
    this.#options.onClose(this)
    // A client that leaves is no error.
    callback(null)
  }

  /** The client does not take what it is sent. */
  get isClogged(): boolean {
    return this.#isOpen && !this.#wanted
  }

  /** What waits here for the client to take it: bytes on their way, and characters of events behind them. */
  get waiting(): number {
    return this.readableLength + this.#follower.waiting.length
  }

  /** Looks after the clock's side; called about once a second. */
  tick(): void {
    const now = this.#options.now()
    const bytes = this.#pushed - this.readableLength
    if (this.readableLength === 0 || bytes > this.#taken.bytes) this.#taken = { bytes, at: now }
    // The client connects again, and goes on from where it is.
    if (now - this.#taken.at >= this.#options.stallAfter) return void this.destroy()
    if (this.#finished) return
    if (!this.#wanted) return this.#holdLittle()
    if (now - this.#sentAt >= HEARTBEAT_INTERVAL) this.#send(HEARTBEAT)
  }

  /** Sends what there is room for, and ends. */
  finish(): void {
    if (this.#finished) return
    this.#flush()
    this.#end()
  }

  #open(): void {
    this.#isOpen = true
    this.#options.onOpen(this)
    this.#taken = { bytes: 0, at: this.#options.now() }
    this.#send(OPENING)
    this.#options.run(
      Effect.map(this.#options.source.attach(this.#follower), () => {
        this.#follower.begin(this.#options.after)
        this.#schedule()
      })
    )
  }

  /** What gathers within one tick of the event loop goes out together. */
  #schedule(): void {
    if (this.#scheduled || this.#finished) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#wanted && !this.#finished) {
      const batch = this.#follower.take(WAITING_LIMITS.events)
      if (batch === undefined) break
      this.#send(batchText(batch, this.#options.source.order, this.#options.logId))
    }
    if (this.#finished) return
    if (this.#follower.isOver) return this.#end()
    if (this.#wanted && this.#follower.wantsRead) this.#readOn()
  }

  #send(text: string): void {
    const bytes = Buffer.from(text)
    this.#pushed += bytes.length
    this.#sentAt = this.#options.now()
    for (let from = 0; from < bytes.length; from += PIECE) {
      this.#wanted = this.push(bytes.subarray(from, from + PIECE))
    }
  }

  #end(): void {
    this.#finished = true
    this.push(null)
  }

  #holdLittle(): void {
    const { events, length } = this.#follower.waiting
    if (events <= WAITING_LIMITS.events && length <= WAITING_LIMITS.length) return
    this.#follower.fallBehind()
    this.#options.metrics.readerPauses.add()
  }

  #readOn(): void {
    if (this.#reading) return
    this.#reading = true
    this.#options.run(
      this.#follower.readPage.pipe(
        Effect.tapError(() => Effect.sync(this.#sayUnavailable)),
        Effect.retry(followAgain),
        Effect.ignore,
        // To read the same again would bring the same, at once and for ever.
        Effect.catchDefect((defect) =>
          Effect.andThen(
            Effect.logError("An event stream can't be read on, and was ended", defect),
            Effect.sync(() => this.destroy())
          )
        ),
        Effect.ensuring(
          Effect.sync(() => {
            this.#reading = false
            this.#saidUnavailable = false
            this.#schedule()
          })
        )
      )
    )
  }

  readonly #sayUnavailable = (): void => {
    if (this.#saidUnavailable || this.#finished) return
    this.#saidUnavailable = true
    this.#send(UNAVAILABLE)
  }
}
