/**
 * What one socket is sent. It holds the credit, serves the subscriptions in turn, and joins what gathers within one tick.
 *
 * Guarantees:
 * - Un-acked on the wire: at most the credit and one frame.
 * - Behind a client that takes nothing: no more than the wire has room for, and one frame, whatever it acks.
 * - Waiting in memory: at most as much again, and one page read from the log. A subscription that would hold more forgets what
 *   waits and reads it from the log once there is room.
 * - One subscription that is behind does not keep the others of its socket waiting.
 */
import type { ServerFrame } from "@spillway/contracts"
import { Clock, Effect } from "effect"
import type { DoorMetrics } from "../DoorMetrics.ts"
import { Credit, type CreditLimits } from "./Credit.ts"
import { serverFrameText } from "./frameText.ts"

/** How long something is kept for a client without room, before it is read again once there is some. Milliseconds. */
const FORGET_AFTER = 1_000

/** What a subscription has to send. `frame` counts against credit and is given its number; `control` does not. */
export type Outgoing =
  | {
      readonly type: "frame"
      readonly holds: "snapshot" | "events" | "live" | "threads"
      /** Bytes are text too. */
      readonly text: (seq: number) => string | Buffer
      readonly events: number
      /** The place of the last event in it; `null` when it holds none. */
      readonly through: number | null
    }
  | { readonly type: "control"; readonly frame: ServerFrame }

export interface Subscription {
  readonly id: string
  /** The next to be sent, holding at most `maxEvents` events. Asked only while there is room. */
  readonly take: (maxEvents: number) => Outgoing | undefined
  /** What waits to be taken. */
  readonly waiting: () => { readonly events: number; readonly length: number }
  /** True when it must read before it has more to send. */
  readonly wantsRead: () => boolean
  /** Reads on: a snapshot, a page of the log. One subscription of a socket reads at a time. Never fails. */
  readonly read: Effect.Effect<void>
  /** Forgets what waits, to read it again later. */
  readonly fallBehind: () => void
}

/** The side that leads to the wire. */
export interface Wire {
  readonly send: (text: string | Buffer) => void
  /** False while the client does not take what it was sent; `schedule` is to be called once it does. */
  readonly hasRoom: () => boolean
  /** Runs an effect until the socket is gone. */
  readonly run: (effect: Effect.Effect<void>) => void
}

export class Outbox {
  readonly #wire: Wire
  readonly #clock: Clock.Clock
  readonly #limits: CreditLimits
  readonly #metrics: DoorMetrics["Service"]
  readonly #credit: Credit
  readonly #subscriptions = new Map<string, Subscription>()
  /** Where each subscription was last acked, to tell a stalled client where to resume. */
  readonly #acked = new Map<string, number>()
  #scheduled = false
  #reading = false
  #closed = false
  #stalledSince: number | null = null

  constructor(wire: Wire, limits: CreditLimits, clock: Clock.Clock, metrics: DoorMetrics["Service"]) {
    this.#wire = wire
    this.#metrics = metrics
    this.#limits = limits
    this.#clock = clock
    this.#credit = new Credit(limits)
  }

  add(subscription: Subscription): void {
    this.#subscriptions.set(subscription.id, subscription)
    this.schedule()
  }

  remove(id: string): void {
    this.#subscriptions.delete(id)
    this.#acked.delete(id)
  }

  close(): void {
    this.#closed = true
    this.#subscriptions.clear()
  }

  /** Room on the wire now. Without it, live text is not worth keeping. */
  hasRoom(): boolean {
    return this.#credit.hasRoom() && this.#wire.hasRoom()
  }

  /** Sends what answers the client itself: not counted, since the client's own frames bound it. */
  control(frame: ServerFrame): void {
    if (this.#closed) return
    const text = serverFrameText(frame)
    this.#count(frame.type, Buffer.byteLength(text))
    this.#wire.send(text)
  }

  /** A subscription has something new: sends it with the rest of this tick, or lets it fall behind when too much waits. */
  offered(subscription: Subscription): void {
    if (this.hasRoom()) return this.schedule()
    // Room comes with an ack, or with what the client takes: until then there is nothing to send.
    if (this.#isFull()) {
      subscription.fallBehind()
      this.#metrics.readerPauses.add()
    }
    if (this.#stalledSince === null) this.#noteStall()
  }

  /** A subscription gave up live text for want of room. */
  liveDropped(): void {
    this.#metrics.liveDropped.add()
  }

  ack(seq: number): void {
    const freed = this.#credit.ack(seq)
    if (freed.length === 0) return
    for (const frame of freed) {
      if (frame.through !== null && this.#subscriptions.has(frame.subscription)) {
        this.#acked.set(frame.subscription, frame.through)
      }
    }
    this.#stalledSince = null
    this.schedule()
  }

  schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  /** Sends what there is room for. */
  flush(): void {
    this.#scheduled = false
    if (this.#closed) return
    let progress = true
    while (progress) {
      progress = false
      for (const subscription of Array.from(this.#subscriptions.values())) {
        if (!this.hasRoom()) return this.#noteStall()
        const outgoing = subscription.take(this.#credit.roomForEvents())
        if (outgoing === undefined) continue
        this.#send(subscription.id, outgoing)
        progress = true
      }
    }
    this.#stalledSince = null
    this.#readOn()
  }

  /** How long, in milliseconds, the client has let something wait without an ack; 0 when nothing waits. */
  stalledFor(): number {
    return this.#stalledSince === null ? 0 : this.#clock.currentTimeMillisUnsafe() - this.#stalledSince
  }

  /** Looks after the clock's side; called about once a second. What waits for a client that has no room is in the log, too. */
  tick(): void {
    if (this.stalledFor() < FORGET_AFTER) return
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.waiting().events > 0) subscription.fallBehind()
    }
  }

  /** The client takes what it was sent, slowly: it can't ack what it has not got yet. */
  forgiveStall(): void {
    if (this.#stalledSince !== null) this.#stalledSince = this.#clock.currentTimeMillisUnsafe()
  }

  /** Where the client can go on without missing anything. */
  resumeAfter(): Record<string, number> {
    return Object.fromEntries(this.#acked)
  }

  #send(id: string, outgoing: Outgoing): void {
    if (outgoing.type === "control") return this.control(outgoing.frame)
    const text = outgoing.text(this.#credit.nextSeq())
    const bytes = Buffer.byteLength(text)
    const { events, holds, through } = outgoing
    this.#credit.sent({ subscription: id, through, events, bytes })
    this.#count(holds, bytes)
    // Whoever was served stands behind the others now.
    const subscription = this.#subscriptions.get(id)
    if (subscription !== undefined) {
      this.#subscriptions.delete(id)
      this.#subscriptions.set(id, subscription)
    }
    this.#wire.send(text)
  }

  #readOn(): void {
    if (this.#reading) return
    for (const subscription of this.#subscriptions.values()) {
      if (!subscription.wantsRead()) continue
      this.#reading = true
      this.#wire.run(
        Effect.ensuring(
          subscription.read,
          Effect.sync(() => {
            this.#reading = false
            this.schedule()
          })
        )
      )
      return
    }
  }

  #noteStall(): void {
    let waits = false
    for (const subscription of this.#subscriptions.values()) {
      waits ||= subscription.waiting().events > 0 || subscription.wantsRead()
    }
    if (!waits) this.#stalledSince = null
    else if (this.#stalledSince === null) {
      this.#stalledSince = this.#clock.currentTimeMillisUnsafe()
      this.#metrics.creditStalls.add()
    }
  }

  #count(type: ServerFrame["type"], bytes: number): void {
    this.#metrics.frames[type].add()
    this.#metrics.bytes.add(bytes)
  }

  #isFull(): boolean {
    let events = 0
    let length = 0
    for (const subscription of this.#subscriptions.values()) {
      const waiting = subscription.waiting()
      events += waiting.events
      length += waiting.length
    }
    return events > this.#limits.events || length > this.#limits.bytes
  }
}
