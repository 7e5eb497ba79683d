import type { DeliveryMode } from "@spillway/contracts"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { growth, LINEAR } from "../testing/growth.ts"
import { DEFAULT_CUT_LIMITS, makeCut, uncut } from "./cuts.ts"
import { ParagraphScanner } from "./ParagraphScanner.ts"
import { TextBuffer } from "./TextBuffer.ts"

const modes: ReadonlyArray<DeliveryMode> = ["buffered", "streaming", "paragraph"]

/** One part's text on its way through a mode. */
const makePart = (mode: DeliveryMode, limits = DEFAULT_CUT_LIMITS) => {
  const buffer = new TextBuffer()
  const cut = makeCut(mode, limits)
  const segments: Array<string> = []
  const take = (units: number, now: number) => {
    const piece = buffer.take(units)
    if (piece === undefined) return
    segments.push(piece.text)
    cut.cut(piece.text.length, now)
  }
  return {
    segments,
    tick: (now: number) => take(cut.units(buffer, now), now),
    push: (text: string, now: number) => {
      buffer.push(text, now)
      cut.observe(text)
      take(cut.units(buffer, now), now)
    },
    deadline: () => cut.deadline(buffer),
    flush: (now: number) => take(buffer.waiting, now)
  }
}

/** All of a text, delta by delta, and its end. Time goes on by `pace` milliseconds a delta. */
const segmentsOf = (mode: DeliveryMode, deltas: ReadonlyArray<string>, pace = 0): ReadonlyArray<string> => {
  const part = makePart(mode)
  deltas.forEach((delta, i) => part.push(delta, i * pace))
  part.flush(deltas.length * pace)
  return part.segments
}

const inDeltas = (text: string, size: number): Array<string> =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))

describe("the spill", () => {
  // No blank line, so that only the limit cuts.
  const text = (length: number) => "0123456789".repeat(Math.ceil(length / 10)).slice(0, length)

  for (const mode of ["buffered", "paragraph"] as const) {
    it(`T6 ${mode}: 23,999 and 24,000 code units wait for the close, 24,001 go out whole at once`, () => {
      for (const size of [1, 7, 1_000, 24_001]) {
        for (const length of [23_999, 24_000]) {
          const part = makePart(mode)
          inDeltas(text(length), size).forEach((delta) => part.push(delta, 0))
          expect(part.segments).toEqual([])
          part.flush(0)
          expect(part.segments).toEqual([text(length)])
        }
        const part = makePart(mode)
        const deltas = inDeltas(text(24_001), size)
        deltas.forEach((delta) => part.push(delta, 0))
        expect(part.segments).toEqual([text(24_001)])
        part.flush(0)
        expect(part.segments).toHaveLength(1)
      }
    })
  }

  it("T6 paragraph: text past the limit goes out whole, also where a paragraph in it could be cut", () => {
    const part = makePart("paragraph")
    part.push(`Short.\n\n${text(24_000)}`, 1_000)
    expect(part.segments).toEqual([`Short.\n\n${text(24_000)}`])
  })

  it("T6 joined segments equal the text in every mode, at the limit, for one huge delta and with a pair on the edge", () => {
    const texts = [23_999, 24_000, 24_001, 700_000].map(text)
    for (const lead of [1_999, 2_000, 23_999, 24_000]) texts.push(`${"a".repeat(lead - 1)}👋${text(30_000)}`)
    for (const mode of modes) {
      for (const whole of texts) {
        for (const size of [997, whole.length]) {
          const segments = segmentsOf(mode, inDeltas(whole, size), 10)
          expect(segments.join("")).toBe(whole)
          expect(segments.length).toBeLessThanOrEqual(
            1 + Math.ceil(whole.length / (mode === "streaming" ? 2_000 : 24_001))
          )
        }
      }
    }
  })
})

describe("streaming", () => {
  it("T5 cuts at 2,000 code units", () => {
    const part = makePart("streaming")
    part.push("a".repeat(1_999), 0)
    expect(part.segments).toEqual([])
    part.push("b", 0)
    expect(part.segments).toEqual([`${"a".repeat(1_999)}b`])
    part.push("c".repeat(5_000), 0)
    expect(part.segments.at(-1)).toBe("c".repeat(5_000))
  })

  it("cuts when the oldest text has waited two seconds, and tells when that will be", () => {
    const part = makePart("streaming")
    expect(part.deadline()).toBeNull()
    part.push("a", 1_000)
    part.push("b", 2_500)
    expect(part.deadline()).toBe(3_000)
    part.tick(2_999)
    expect(part.segments).toEqual([])
    part.tick(3_000)
    expect(part.segments).toEqual(["ab"])
    expect(part.deadline()).toBeNull()
    part.push("c", 3_100)
    expect(part.deadline()).toBe(5_100)
  })

  it("is the only mode that is seen live", () => {
    const { streaming, ...others } = Object.fromEntries(
      modes.map((mode) => [mode, makeCut(mode, DEFAULT_CUT_LIMITS).live])
    )
    expect(streaming).toBe(true)
    expect(others).toEqual({ buffered: false, paragraph: false })
  })
})

describe("paragraph", () => {
  it("cuts up to the last blank line", () => {
    const part = makePart("paragraph")
    part.push("One.\n", 0)
    part.push("Still one.\n\nTwo.\n  \t\nThree", 0)
    expect(part.segments).toEqual(["One.\nStill one.\n\nTwo.\n  \t\n"])
  })

  it("cuts at least 400 ms apart, and tells when it may", () => {
    const part = makePart("paragraph")
    part.push("One.\n\n", 1_000)
    part.push("Two.\n\nThr", 1_100)
    expect(part.segments).toEqual(["One.\n\n"])
    expect(part.deadline()).toBe(1_400)
    part.tick(1_399)
    expect(part.segments).toHaveLength(1)
    part.push("ee", 1_400)
    expect(part.segments).toEqual(["One.\n\n", "Two.\n\n"])
    expect(part.deadline()).toBeNull()
  })

  it("takes no blank line inside an open fence, and cuts behind the line that closes it", () => {
    const code = "```ts\nconst a = 1\n\nconst b = 2\n```\n"
    const part = makePart("paragraph")
    for (const unit of `Look:\n${code}`) part.push(unit, 0)
    expect(part.segments).toEqual([`Look:\n${code}`])
  })

  it("knows tildes, longer fences around shorter ones, and fences in lists and quotations", () => {
    const closed = [
      "~~~\na\n\nb\n~~~\n",
      "````md\n```\n\n```\n\n````\n",
      "```\n~~~\n\n```\n",
      "1. ```sh\n   ls\n\n   ```\n",
      "- item\n      ```\n\n      ```\n",
      "> ```\n>\n\n> ```\n",
      "```\r\na\r\n\r\nb\r\n```\r\n"
    ]
    for (const text of closed)
      expect(segmentsOf("paragraph", `${text}next`.split(""))).toEqual([text, "next"])
    // A fence that says what it holds opens one; code within a line does not.
    expect(segmentsOf("paragraph", ["```js\n```js\n\n", "x\n\n"])).toHaveLength(1)
    expect(segmentsOf("paragraph", ["``` not a fence ```\n\n", "x"])).toEqual([
      "``` not a fence ```\n\n",
      "x"
    ])
  })

  it("makes no segment of white space alone", () => {
    const part = makePart("paragraph")
    part.push("\n\n \n\n", 0)
    expect(part.segments).toEqual([])
    part.push("One.\n\n", 0)
    part.push("\n\n", 1_000)
    expect(part.segments).toEqual(["\n\n \n\nOne.\n\n"])
    part.push("Two.\n\n", 2_000)
    expect(part.segments.at(-1)).toBe("\n\nTwo.\n\n")
  })

  it("remembers an open fence over a spill and a flush", () => {
    const part = makePart("paragraph")
    part.push("```\na\n\n", 0)
    part.flush(0)
    part.push("b".repeat(24_001), 1_000)
    part.push("\n\nc\n\n", 2_000)
    expect(part.segments).toHaveLength(2)
    part.push("```\nd", 3_000)
    expect(part.segments.at(-1)).toBe("\n\nc\n\n```\n")
  })

  it("finds the same boundaries however the text is split, and whatever was cut before", () => {
    const line = fc.constantFrom(
      "text",
      "",
      "  ",
      "```",
      "```ts",
      "~~~",
      "````",
      "- ```",
      "> ```",
      "x".repeat(300),
      " ```  "
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.array(fc.nat(12), { minLength: 1 }),
        fc.boolean(),
        (lines, sizes, cuts) => {
          const text = `${lines.join("\n")}\n`
          const whole = new ParagraphScanner()
          whole.push(text)
          const split = new ParagraphScanner()
          let taken = 0
          for (let at = 0, i = 0; at < text.length; i++) {
            const to = at + 1 + sizes[i % sizes.length]!
            split.push(text.slice(at, to))
            at = to
            if (cuts && split.boundary > 0) {
              taken += split.boundary
              split.cut(split.boundary)
            }
          }
          const last = taken + split.boundary
          // Blank lines behind the last cut are no paragraph of their own.
          expect(text.slice(last, whole.boundary).trim()).toBe("")
          expect(last).toBeLessThanOrEqual(whole.boundary)
          if (!cuts) expect(last).toBe(whole.boundary)
        }
      )
    )
  })
})

describe("arguments of a tool call", () => {
  it("are seen live and cut by nothing: the call carries them", () => {
    const buffer = new TextBuffer()
    buffer.push("x".repeat(100_000), 0)
    expect(uncut.live).toBe(true)
    expect(uncut.units(buffer, 1e12)).toBe(0)
    expect(uncut.deadline(buffer)).toBeNull()
  })
})

describe("buffering", () => {
  const prose = "Some words, and more of them.\n\n```\ncode\n```\n"
  for (const mode of modes) {
    it(`T10 is linear in the text: ${mode}, a code unit at a time`, () => {
      const work = (size: number) => segmentsOf(mode, inDeltas(prose.repeat(size / prose.length), 1), 1)
      expect(growth(work, 40_000)).toBeLessThan(LINEAR)
    })
  }

  it("T10 is linear in the text: little is taken of much that waits", () => {
    const work = (size: number) => {
      const buffer = new TextBuffer()
      for (let i = 0; i < size; i++) buffer.push("a", 0)
      while (buffer.waiting > 0) {
        buffer.take(3)
        buffer.confirm()
      }
    }
    expect(growth(work, 40_000)).toBeLessThan(LINEAR)
  })

  it("T10 would be seen not to be, if all that waits were read again with each delta", () => {
    const work = (size: number) => {
      const read = Array.from({ length: size }, (_, i) => i)
      for (let i = 0; i < size; i++) read.fill(i, 0, i)
    }
    expect(growth(work, 2_000)).toBeGreaterThan(LINEAR)
  })
})
