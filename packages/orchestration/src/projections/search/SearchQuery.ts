/**
 * What a person types to search, as web searches take it: all of these words, `"these in a row"`, `-not this`, `this or that`. Any
 * text is a query; what makes no sense in it is left out. Something with signs in it, `src/main.ts`, is its words in a row.
 */
import { pieces, SEARCH_QUERY_LIMIT, SEARCH_TERM_LIMIT } from "@spillway/contracts"
import { type Phrase, phraseOf } from "./words.ts"

/** A text that has all that is wanted and nothing of what is unwanted. */
export interface Alternative {
  /** Never empty. */
  readonly wanted: ReadonlyArray<Phrase>
  readonly unwanted: ReadonlyArray<Phrase>
}

/** A text that one of these fits; none fits where there are none. */
export type SearchQuery = ReadonlyArray<Alternative>

const term = /(?<not>-?)"(?<quoted>[^"]*)"?|(?<plain>[^\s"]+)/gu

export const parseQuery = (text: string): SearchQuery => {
  const alternatives = [{ wanted: [] as Array<Phrase>, unwanted: [] as Array<Phrase> }]
  let terms = 0
  for (const { groups } of (pieces(text, SEARCH_QUERY_LIMIT)[0] ?? "").matchAll(term)) {
    const { not, plain, quoted } = groups!
    if (plain?.toLowerCase() === "or") {
      alternatives.push({ wanted: [], unwanted: [] })
      continue
    }
    const phrase = phraseOf(plain ?? quoted!)
    if (phrase.length === 0) continue
    if (++terms > SEARCH_TERM_LIMIT) break
    // `--help` is looked for, and not left out.
    const isUnwanted = plain === undefined ? not === "-" : /^-[^-]/.test(plain)
    alternatives.at(-1)![isUnwanted ? "unwanted" : "wanted"].push(phrase)
  }
  // What only says what it does not want would fit nearly everything.
  return alternatives.filter(({ wanted }) => wanted.length > 0)
}

/** As a `tsquery`: the texts that have the words, wherever they stand. Words hold no sign that would mean something in one. */
export const tsqueryText = (query: SearchQuery): string =>
  query
    .map(({ unwanted, wanted }) => [
      ...wanted.flat().map((word) => `'${word}'`),
      ...unwanted.flatMap((phrase) => (phrase.length === 1 ? [`!'${phrase[0]}'`] : []))
    ])
    .map((terms) => `(${terms.join(" & ")})`)
    .join(" | ")

/** Whether it takes a look at the text to tell, since it says in which order words stand. */
export const hasRows = (query: SearchQuery): boolean =>
  query.some(({ unwanted, wanted }) => [...wanted, ...unwanted].some((phrase) => phrase.length > 1))
