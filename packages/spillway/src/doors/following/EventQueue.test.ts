import { describe, expect, it } from "@effect/vitest"
import type { LiveFrame, LoggedEvent } from "@spillway/contracts"
import * as fc from "fast-check"
import { eventOf, frameOf } from "../../testing/numberedEvents.ts"
import { EventQueue, threadOrder } from "./EventQueue.ts"

/** Everything out, at most `maxEvents` events a batch: versions as numbers, live frames as values. */
const drain = (queue: EventQueue, maxEvents = 512): ReadonlyArray<number | LiveFrame | "caught-up"> => {
  const out: Array<number | LiveFrame | "caught-up"> = []
  for (let batch = queue.take(maxEvents); batch !== undefined; batch = queue.take(maxEvents)) {
    if (batch.type === "caught-up") out.push("caught-up")
    else if (batch.type === "events") {
      expect(batch.texts.length).toBeLessThanOrEqual(maxEvents)
      out.push(...batch.texts.map((text) => (JSON.parse(text) as LoggedEvent).version))
    } else out.push(...batch.texts.map((text) => JSON.parse(text) as LiveFrame))
  }
  return out
}

describe("EventQueue", () => {
  it("gives events in order, each once, and refuses one that is not the next", () => {
    const queue = new EventQueue(threadOrder, 2)
    expect(queue.pushEvent(eventOf(2))).toBe(true)
    expect(queue.pushEvent(eventOf(3))).toBe(true)
    expect(queue.pushEvent(eventOf(3))).toBe(true)
    expect(queue.pushEvent(eventOf(5))).toBe(false)
    expect(queue.pushEvent(eventOf(4))).toBe(true)
    expect(drain(queue)).toEqual([3, 4])
    expect(queue.sentThrough).toBe(4)
  })

  it("holds a live frame back until the version that it follows is queued, and puts it behind", () => {
    const queue = new EventQueue(threadOrder, 0)
    queue.pushLive(frameOf(2, 0, "ab"))
    queue.pushEvent(eventOf(1))
    queue.pushEvent(eventOf(2))
    queue.pushLive(frameOf(2, 2, "cd"))
    queue.pushEvent(eventOf(3))
    expect(drain(queue)).toEqual([1, 2, frameOf(2, 0, "abcd"), 3])
  })

  it("joins live frames that follow one another, and only these", () => {
    const queue = new EventQueue(threadOrder, 1)
    queue.pushLive(frameOf(1, 0, "ab"))
    queue.pushLive(frameOf(1, 2, "cd"))
    queue.pushLive(frameOf(1, 9, "x"))
    queue.pushLive({ ...frameOf(1, 10, "y"), kind: "reasoning" })
    expect(drain(queue)).toEqual([
      frameOf(1, 0, "abcd"),
      frameOf(1, 9, "x"),
      { ...frameOf(1, 10, "y"), kind: "reasoning" }
    ])
  })

  it("forgets what waits when it is cleared, and takes it again from after what left", () => {
    const queue = new EventQueue(threadOrder, 0)
    for (const version of [1, 2, 3]) queue.pushEvent(eventOf(version))
    queue.take(1)
    queue.pushLive(frameOf(3, 0, "a"))
    queue.clear()
    expect(queue.waiting).toEqual({ events: 0, length: 0 })
    expect(queue.isEmpty).toBe(true)
    for (const version of [2, 3]) queue.pushEvent(eventOf(version))
    expect(drain(queue)).toEqual([2, 3])
  })

  it("keeps no more than its share of live text for an event that does not come", () => {
    const queue = new EventQueue(threadOrder, 0)
    let held = 0
    while (queue.pushLive(frameOf(1, held, "x".repeat(1000)))) held += 1000
    expect(held).toBeLessThanOrEqual(64 * 1024)
    queue.dropLive()
    queue.pushEvent(eventOf(1))
    expect(drain(queue)).toEqual([1])
  })

  it("whatever comes in which order: events dense and once, live frames behind their version, nothing miscounted", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("events" as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant("again" as const), back: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant("live" as const), ahead: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ kind: fc.constant("take" as const), max: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant("drop" as const) })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new EventQueue(threadOrder, 0)
        const out: Array<number | LiveFrame | "caught-up"> = []
        let last = 0
        let offset = 0
        for (const step of steps) {
          if (step.kind === "events") {
            for (let i = 0; i < step.count; i++) expect(queue.pushEvent(eventOf(++last))).toBe(true)
          } else if (step.kind === "again") {
            if (last > step.back) queue.pushEvent(eventOf(last - step.back))
          } else if (step.kind === "live") queue.pushLive(frameOf(last + step.ahead, offset++, "x"))
          else if (step.kind === "drop") queue.dropLive()
          else {
            const batch = queue.take(step.max)
            if (batch?.type === "events")
              out.push(...batch.texts.map((text) => (JSON.parse(text) as LoggedEvent).version))
            if (batch?.type === "live") out.push(...batch.texts.map((text) => JSON.parse(text) as LiveFrame))
          }
        }
        out.push(...drain(queue))
        expect(out.filter((item) => typeof item === "number")).toEqual(
          Array.from({ length: last }, (_, i) => i + 1)
        )
        let version = 0
        for (const item of out) {
          if (typeof item === "number") version = item
          else if (item !== "caught-up") expect(item.afterVersion).toBeLessThanOrEqual(version)
        }
        expect(queue.waiting).toEqual({ events: 0, length: 0 })
      })
    )
  })
})
