import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseQuery } from "./SearchQuery.ts"
import { foundIn, SNIPPET_LENGTH } from "./foundIn.ts"
import { type Phrase, standsAt, wordsOf } from "./words.ts"

const isIn = (text: string, phrase: Phrase): boolean => {
  const words = wordsOf(text)
  return words.some((_, i) => standsAt(words, i, phrase))
}

const shown = (text: string, query: string) => {
  const { snippet } = foundIn(text, parseQuery(query))
  return {
    text: snippet.text,
    marked: snippet.marks.map(({ from, to }) => snippet.text.slice(from, to))
  }
}

describe("a snippet", () => {
  it("marks words and rows of words as they were written", () => {
    expect(shown("A Blue whale, the blue whale's song.", 'blue "whale s" -zoo')).toEqual({
      text: "A Blue whale, the blue whale's song.",
      marked: ["Blue", "blue", "whale's"]
    })
    expect(shown("我喜欢编程，编程很有趣", "编程").marked).toEqual(["编程", "编程"])
  })

  it("begins a little before what was found, and says where it was cut", () => {
    const { marked, text } = shown(`${"word ".repeat(100)}here it is ${"word ".repeat(100)}`, "here")
    expect(text).toBe(`…${"word ".repeat(8)}here it is ${"word ".repeat(30).trim()}…`)
    expect(marked).toEqual(["here"])
  })

  it("shows the place where most of what was wanted stands", () => {
    const far = " and ".repeat(100)
    expect(shown(`whale${far}blue whale${far}whale`, "blue whale").marked).toEqual(["blue", "whale"])
    expect(shown(`blue blue blue${far}a whale${far}blue and whale`, "blue whale").marked).toEqual([
      "blue",
      "whale"
    ])
  })

  it("shows the beginning where there is nothing to mark", () => {
    expect(shown("Nothing to see here.", "elsewhere")).toEqual({ text: "Nothing to see here.", marked: [] })
    expect(shown("x".repeat(1_000), "y").text).toBe(`${"x".repeat(SNIPPET_LENGTH)}…`)
  })

  it("is short, with marks in order and apart, each of them what was wanted", () => {
    const unit = fc.constantFrom("a", "b", "ab", " ", " ", ".", "编", "👋", "\n", "x".repeat(60))
    const text = fc.array(unit, { maxLength: 400, size: "max" }).map((units) => units.join(""))
    fc.assert(
      fc.property(
        text,
        fc.constantFrom("a", "b", '"a b"', "a b", "编", "ab or 编编", "a ab"),
        (text, asked) => {
          const query = parseQuery(asked)
          const { rank, snippet } = foundIn(text, query)
          expect(snippet.text.length).toBeLessThanOrEqual(SNIPPET_LENGTH + 2)
          expect(snippet.text.isWellFormed()).toBe(true)
          expect(text).toContain(snippet.text.replace(/^…/u, "").replace(/…$/u, ""))
          const wanted = new Set(query.flatMap((alternative) => alternative.wanted.flat()))
          let end = -1
          for (const { from, to } of snippet.marks) {
            expect(from).toBeGreaterThan(end)
            expect(to).toBeGreaterThan(from)
            expect(to).toBeLessThanOrEqual(snippet.text.length)
            for (const { word } of wordsOf(snippet.text.slice(from, to))) expect(wanted).toContain(word)
            end = to
          }
          const words = wordsOf(text).map(({ word }) => word)
          const isThere = query.some(
            ({ wanted: [first] }) => first!.length === 1 && words.includes(first![0]!)
          )
          if (isThere) expect(snippet.marks).not.toEqual([])
          expect(rank > 0).toBe(query.some(({ wanted }) => wanted.some((phrase) => isIn(text, phrase))))
          expect(rank).toBeLessThan(1)
        }
      ),
      { numRuns: 1_000 }
    )
  })
})

describe("a rank", () => {
  const rank = (text: string, query: string) => foundIn(text, parseQuery(query)).rank

  it("is higher the more often, the more of it, and the shorter the text", () => {
    expect(rank("blue", "blue")).toBeCloseTo(0.5, 2)
    expect(rank("blue and blue", "blue")).toBeGreaterThan(rank("blue and red", "blue"))
    expect(rank("blue whale", "blue whale")).toBeGreaterThan(rank("blue paint", "blue whale"))
    expect(rank("blue", "blue")).toBeGreaterThan(rank(`blue ${"and ".repeat(50)}`, "blue"))
    expect(rank("whale", "blue or whale")).toBe(rank("whale", "whale"))
  })
})
