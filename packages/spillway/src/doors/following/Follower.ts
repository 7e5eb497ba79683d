/**
 * One reader's place in a thread or in the whole log, whatever door it reads through. It is attached to what it follows before it
 * reads, notes what is published meanwhile, reads the log up to there, and follows from then on: nothing falls between, and what comes
 * twice is given once.
 *
 * While its reader has no room it holds little, then nothing: it falls behind, and reads the log again from where the reader is.
 */
import type { LiveFrame, LoggedEvent } from "@spillway/contracts"
import type { Unavailable } from "@spillway/orchestration"
import { Effect, type Scope } from "effect"
import { type Batch, EventQueue, type Order } from "./EventQueue.ts"

/** Events read from the log at once, at most; each is at most 256 KiB. */
const PAGE = 64

/** What a reader holds of a page, in characters, and one event more: about a frame. The rest is read again, and fewer events at once. */
const HELD_LENGTH = 64 * 1024

/** What can be followed. */
export interface Source {
  readonly order: Order
  readonly readAfter: (place: number, limit: number) => Effect.Effect<ReadonlyArray<LoggedEvent>, Unavailable>
  /** All text that is not in the log yet; `null` when live frames are not wanted. */
  readonly liveTail: (() => ReadonlyArray<LiveFrame>) | null
  /** Hands on what happens from now on, until the scope closes. */
  readonly attach: (follower: Follower) => Effect.Effect<void, never, Scope.Scope>
  /** After this one nothing can come any more. */
  readonly isLast: (event: LoggedEvent) => boolean
}

/** The side that leads to the client. */
export interface Reader {
  /** Room on the wire now. Without it, live text is not worth keeping. */
  readonly hasRoom: () => boolean
  /** There is something new to take. A reader for which too much waits lets it fall behind. */
  readonly offered: () => void
  /** Live text was given up for want of room. */
  readonly liveDropped: () => void
}

type Phase = "unplaced" | "behind" | "following"

export class Follower {
  readonly #source: Source
  readonly #reader: Reader
  #phase: Phase = "unplaced"
  #queue: EventQueue
  /** The place of the last event that was published since this was attached. */
  #published = 0
  /** Events to be read at once: as many as it may hold, by those that it read last. */
  #page = PAGE
  /** It was told where history ends. */
  #caughtUp = false
  /** The reader lacks live text that only the whole tail makes good. */
  #liveStale = true
  /** The place of the event after which nothing comes, once it was queued. */
  #last: number | null = null

  constructor(source: Source, reader: Reader) {
    this.#source = source
    this.#reader = reader
    this.#queue = new EventQueue(source.order, 0)
  }

  /** The reader has everything up to this place. */
  begin(after: number): void {
    this.#queue = new EventQueue(this.#source.order, after)
    this.#phase = "behind"
  }

  get isPlaced(): boolean {
    return this.#phase !== "unplaced"
  }

  /** Everything was taken, and nothing can come any more. */
  get isOver(): boolean {
    return this.#last !== null && this.#queue.sentThrough >= this.#last && this.#queue.isEmpty
  }

  /** An event of what is followed, as it is published. */
  readonly onEvent = (event: LoggedEvent): void => {
    this.#published = Math.max(this.#published, this.#source.order.placeOf(event))
    if (this.#phase !== "following") return
    if (!this.#push(event)) this.fallBehind()
    this.#reader.offered()
  }

  readonly onLiveFrame = (frame: LiveFrame): void => {
    if (this.#phase !== "following" || this.#liveStale) return
    if (!this.#reader.hasRoom() || !this.#queue.pushLive(frame)) return this.#dropLive()
    this.#reader.offered()
  }

  /** What goes out next: at most `maxEvents` events, at least one. Asked only while there is room. */
  take(maxEvents: number): Batch | undefined {
    this.#renewLive()
    const batch = this.#queue.take(maxEvents)
    if (batch?.type === "caught-up") this.#caughtUp = true
    return batch
  }

  /** What waits to be taken. */
  get waiting(): { readonly events: number; readonly length: number } {
    return this.#queue.waiting
  }

  /** True when it must read before it has more to give. */
  get wantsRead(): boolean {
    return this.#phase === "behind" && this.#queue.isEmpty
  }

  /** Forgets what waits, to read it again later. */
  fallBehind(): void {
    if (this.#phase === "unplaced") return
    this.#queue.clear()
    this.#phase = "behind"
    this.#liveStale = true
  }

  /** Reads the next page of the log. */
  readonly readPage: Effect.Effect<void, Unavailable> = Effect.suspend(() =>
    Effect.map(this.#source.readAfter(this.#queue.queuedThrough, this.#page), (events) => {
      const asked = this.#page
      for (const [count, event] of events.entries()) {
        if (this.#queue.waiting.length >= HELD_LENGTH) {
          this.#page = count
          return
        }
        if (!this.#push(event)) {
          throw new Error(`the log has a hole after ${this.#queue.queuedThrough} (${event.threadId})`)
        }
      }
      if (this.#queue.waiting.length < HELD_LENGTH / 2) this.#page = Math.min(2 * asked, PAGE)
      if (events.length === asked || this.#queue.queuedThrough < this.#published) return
      this.#phase = "following"
      // Once for each reader, however often it falls behind; a mark that waited when it did was forgotten with the rest.
      if (!this.#caughtUp) this.#queue.pushCaughtUp()
    })
  )

  #push(event: LoggedEvent): boolean {
    const isNext = this.#queue.pushEvent(event)
    if (isNext && this.#source.isLast(event)) this.#last = this.#source.order.placeOf(event)
    return isNext
  }

  #renewLive(): void {
    if (!this.#liveStale || this.#phase !== "following" || this.#source.liveTail === null) return
    this.#liveStale = false
    for (const frame of this.#source.liveTail()) {
      if (frame.text !== "" && !this.#queue.pushLive(frame)) return this.#dropLive()
    }
  }

  #dropLive(): void {
    this.#queue.dropLive()
    this.#liveStale = true
    this.#reader.liveDropped()
  }
}
