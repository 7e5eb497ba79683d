import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { endsInHighSurrogate, pieces, wellFormed, wellFormedJson } from "./text.ts"

const HIGH = "\ud83d"
const LOW = "\udc4b"

/** Text with every kind of trouble in it. */
const arbitraryText = fc
  .array(fc.constantFrom("a", "é", "\0", HIGH, LOW, "👋", "\u{10ffff}", "\n"), { maxLength: 40 })
  .map((units) => units.join(""))

describe("text as the log can hold it", () => {
  it("has U+FFFD where NUL or half a surrogate pair stood, and its length", () => {
    expect(wellFormed("a\0b")).toBe("a\ufffdb")
    expect(wellFormed(`${HIGH}a${LOW}`)).toBe("\ufffda\ufffd")
    expect(wellFormed(`${HIGH}${LOW}`)).toBe("👋")
    fc.assert(
      fc.property(arbitraryText, (text) => {
        const formed = wellFormed(text)
        expect(formed.isWellFormed()).toBe(true)
        expect(formed).not.toContain("\0")
        expect(formed.length).toBe(text.length)
        expect(wellFormed(formed)).toBe(formed)
      })
    )
  })

  it("says when the other half of a pair may still come", () => {
    expect(endsInHighSurrogate(`a${HIGH}`)).toBe(true)
    for (const text of ["", "a", "👋", LOW, `${HIGH}a`]) expect(endsInHighSurrogate(text)).toBe(false)
  })

  it("T6 is cut into pieces that join to the same text, within the limit, never inside a pair", () => {
    expect(pieces("", 10)).toEqual([])
    expect(pieces("abc", 3)).toEqual(["abc"])
    expect(pieces("abcd", 3)).toEqual(["abc", "d"])
    expect(pieces("ab👋c", 3)).toEqual(["ab", "👋c"])
    fc.assert(
      fc.property(arbitraryText.map(wellFormed), fc.integer({ min: 2, max: 9 }), (text, limit) => {
        const cut = pieces(text, limit)
        expect(cut.join("")).toBe(text)
        for (const piece of cut) {
          expect(piece.length).toBeGreaterThan(0)
          expect(piece.length).toBeLessThanOrEqual(limit)
          expect(piece.isWellFormed()).toBe(true)
        }
      })
    )
  })

  it("is cleaned everywhere in a JSON value, keys included, and nothing else changes", () => {
    expect(wellFormedJson({ "a\0": ["b\0", { c: HIGH }], n: 1, z: null, t: true })).toEqual({
      "a\ufffd": ["b\ufffd", { c: "\ufffd" }],
      n: 1,
      z: null,
      t: true
    })
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(wellFormedJson(value)).toEqual(value)
      })
    )
  })

  it("is not copied when there is nothing to clean", () => {
    const value = { text: "fine", list: [1, "two", { three: null }] }
    expect(wellFormedJson(value)).toBe(value)
  })
})
