/**
 * What waits to be sent to one subscription, in the order in which the client must see it: events by their place, live frames
 * behind the event that they follow, a mark where history ends. A plain data structure; nobody waits on it.
 *
 * Guarantees:
 * - Events leave in order, each once. One that is not the next in line is refused, so that the reader goes back to the log.
 * - A live frame leaves only after the version that it names has left.
 * - Live frames that follow one another are joined.
 */
import type { LiveFrame, LoggedEvent } from "@spillway/contracts"
import { clientEventText, liveFrameText, loggedEventText } from "./eventText.ts"

/** The place of events in the order that a subscription follows, and how it shows them. */
export interface Order {
  /** What a place is called: the field of an event that holds it. */
  readonly name: "version" | "position"
  readonly placeOf: (event: LoggedEvent) => number
  readonly textOf: (event: LoggedEvent) => string
}

export const threadOrder: Order = {
  name: "version",
  placeOf: (event) => event.version,
  textOf: clientEventText
}
export const logOrder: Order = {
  name: "position",
  placeOf: (event) => event.position,
  textOf: loggedEventText
}

/** The most characters of events or of live frames in one frame, unless a single one is longer. */
const FRAME_LENGTH = 64 * 1024

/** The most characters of live text that wait for the event they follow. Beyond it they are dropped, and the tail is asked for later. */
const HELD_LENGTH = 64 * 1024

type Item =
  | { readonly type: "event"; readonly place: number; readonly text: string }
  | { readonly type: "live"; frame: LiveFrame }
  | { readonly type: "caught-up" }

export type Batch =
  | { readonly type: "events"; readonly texts: ReadonlyArray<string>; readonly through: number }
  | { readonly type: "live"; readonly texts: ReadonlyArray<string> }
  | { readonly type: "caught-up"; readonly place: number }

export class EventQueue {
  readonly #order: Order
  #items: Array<Item> = []
  #held: Array<LiveFrame> = []
  #heldLength = 0
  #events = 0
  #length = 0
  #queued: number
  #sent: number

  /** `after`: the place up to which the client has everything. */
  constructor(order: Order, after: number) {
    this.#order = order
    this.#queued = after
    this.#sent = after
  }

  /** The place of the last event that left. */
  get sentThrough(): number {
    return this.#sent
  }

  /** The place of the last event put in. */
  get queuedThrough(): number {
    return this.#queued
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Events that wait, and the characters of their JSON. */
  get waiting(): { readonly events: number; readonly length: number } {
    return { events: this.#events, length: this.#length }
  }

  /** Puts an event in. One that was in before is left out; `false` when some before it are missing. */
  pushEvent(event: LoggedEvent): boolean {
    const place = this.#order.placeOf(event)
    if (place <= this.#queued) return true
    if (place !== this.#queued + 1) return false
    const text = this.#order.textOf(event)
    this.#items.push({ type: "event", place, text })
    this.#events += 1
    this.#length += text.length
    this.#queued = place
    this.#release()
    return true
  }

  pushCaughtUp(): void {
    this.#items.push({ type: "caught-up" })
  }

  /** Puts a live frame in; `false` when there is no room for it. What live frames came before it is then worth nothing. */
  pushLive(frame: LiveFrame): boolean {
    if (frame.afterVersion <= this.#queued) {
      this.#pushReady(frame)
      return true
    }
    if (this.#heldLength + frame.text.length > HELD_LENGTH) return false
    this.#held.push(frame)
    this.#heldLength += frame.text.length
    return true
  }

  dropLive(): void {
    this.#held = []
    this.#heldLength = 0
    this.#items = this.#items.filter((item) => item.type !== "live")
  }

  /** Forgets what waits. The events are still in the log, after `sentThrough`. */
  clear(): void {
    this.#items = []
    this.#held = []
    this.#heldLength = 0
    this.#events = 0
    this.#length = 0
    this.#queued = this.#sent
  }

  /** Takes out what goes into the next frame: at most `maxEvents` events, at least one. */
  take(maxEvents: number): Batch | undefined {
    const first = this.#items[0]
    if (first === undefined) return undefined
    if (first.type === "caught-up") {
      this.#items.shift()
      return { type: "caught-up", place: this.#sent }
    }
    const texts: Array<string> = []
    let length = 0
    for (const item of this.#items) {
      if (item.type === "caught-up" || item.type !== first.type) break
      const text = item.type === "event" ? item.text : liveFrameText(item.frame)
      if (
        texts.length > 0 &&
        (length + text.length > FRAME_LENGTH || (item.type === "event" && texts.length >= maxEvents))
      )
        break
      texts.push(text)
      length += text.length
      if (item.type === "event") this.#sent = item.place
    }
    this.#items.splice(0, texts.length)
    if (first.type === "live") return { type: "live", texts }
    this.#events -= texts.length
    this.#length -= length
    return { type: "events", texts, through: this.#sent }
  }

  /** Held frames whose event is in the queue now go behind it. */
  #release(): void {
    if (this.#held.length === 0) return
    const ready = this.#held.filter((frame) => frame.afterVersion <= this.#queued)
    if (ready.length === 0) return
    this.#held = this.#held.filter((frame) => frame.afterVersion > this.#queued)
    this.#heldLength = this.#held.reduce((length, frame) => length + frame.text.length, 0)
    for (const frame of ready) this.#pushReady(frame)
  }

  #pushReady(frame: LiveFrame): void {
    const last = this.#items.at(-1)
    if (last?.type === "live" && follows(last.frame, frame) && last.frame.text.length < FRAME_LENGTH) {
      last.frame = { ...frame, offset: last.frame.offset, text: last.frame.text + frame.text }
    } else {
      this.#items.push({ type: "live", frame })
    }
  }
}

const follows = (before: LiveFrame, frame: LiveFrame): boolean =>
  before.messageId === frame.messageId &&
  before.partId === frame.partId &&
  before.kind === frame.kind &&
  before.offset + before.text.length === frame.offset
