import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { joinedEvents } from "./joinedEvents.ts"

/** Events of some threads, as their readers get them. */
const textOf = (thread: number, version: number) =>
  JSON.stringify({ thread, version, text: "é".repeat(version) })

describe("the bytes of a batch of events", () => {
  it("are its texts with commas between, whatever was joined before", () => {
    const batch = fc
      .record({
        thread: fc.nat(2),
        from: fc.integer({ min: 1, max: 4 }),
        count: fc.integer({ min: 1, max: 4 })
      })
      .map(({ count, from, thread }) => Array.from({ length: count }, (_, i) => textOf(thread, from + i)))
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 40 }), (batches) => {
        for (const texts of batches) expect(joinedEvents(texts).toString()).toBe(texts.join(","))
      })
    )
  })

  it("are the same object for all who are sent them", () => {
    const texts = () => [textOf(9, 1), textOf(9, 2)]
    expect(joinedEvents(texts())).toBe(joinedEvents(texts()))
  })
})
