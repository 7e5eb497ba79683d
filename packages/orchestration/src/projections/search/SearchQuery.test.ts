import { SEARCH_QUERY_LIMIT, SEARCH_TERM_LIMIT } from "@spillway/contracts"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseQuery, tsqueryText } from "./SearchQuery.ts"

const parsed = (text: string) =>
  parseQuery(text).map(({ unwanted, wanted }) => ({
    wanted: wanted.map((phrase) => phrase.join(" ")),
    ...(unwanted.length > 0 && { unwanted: unwanted.map((phrase) => phrase.join(" ")) })
  }))

describe("what a person types", () => {
  it("is all of its words, rows of words in quotes, and what must not be there", () => {
    expect(parsed("Blue  whale")).toEqual([{ wanted: ["blue", "whale"] }])
    expect(parsed('"the blue whale" -song -"in zoos"')).toEqual([
      { wanted: ["the blue whale"], unwanted: ["song", "in zoos"] }
    ])
    expect(parsed("whale or dolphin -zoo OR seal")).toEqual([
      { wanted: ["whale"] },
      { wanted: ["dolphin"], unwanted: ["zoo"] },
      { wanted: ["seal"] }
    ])
  })

  it("takes names with signs in them for their words in a row", () => {
    expect(parsed("src/main.ts foo_bar don't")).toEqual([{ wanted: ["src main ts", "foo bar", "don t"] }])
    expect(parsed("--dry-run")).toEqual([{ wanted: ["dry run"] }])
  })

  it("takes each character of a script without spaces for a word", () => {
    expect(parsed("编程 whale")).toEqual([{ wanted: ["编 程", "whale"] }])
  })

  it("leaves out what makes no sense", () => {
    expect(parsed('or whale or or "" - -- ( "blue')).toEqual([{ wanted: ["whale"] }, { wanted: ["blue"] }])
    for (const nothing of ["", "  ", "-whale", "or", '""', "-a or -b", "!?", "\0"]) {
      expect(parsed(nothing)).toEqual([])
    }
    expect(parsed("whale or -song")).toEqual([{ wanted: ["whale"] }])
  })

  it("is read up to a limit, which parts no pair", () => {
    expect(parsed(`whale ${"x ".repeat(SEARCH_TERM_LIMIT)}`)[0]!.wanted).toHaveLength(SEARCH_TERM_LIMIT)
    const full = "blue".padStart(SEARCH_QUERY_LIMIT, ".")
    expect(parsed(`${full}berry whale`)).toEqual([{ wanted: ["blue"] }])
    expect(parsed(`${".".repeat(SEARCH_QUERY_LIMIT - 1)}𝄞`)).toEqual([])
  })

  it("reaches Postgres as words in quotes and nothing else", () => {
    expect(tsqueryText(parseQuery('a "b c" -d -"e f" or g'))).toBe("('a' & 'b' & 'c' & !'d') | ('g')")
    const expected =
      /^\((?:!?'[^'\\ ]+'(?: & (?!\))|(?=\))))+\)(?: \| \((?:!?'[^'\\ ]+'(?: & (?!\))|(?=\))))+\))*$/u
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const query = parseQuery(text)
        if (query.length > 0) expect(tsqueryText(query)).toMatch(expected)
      }),
      { numRuns: 2_000 }
    )
  })
})
