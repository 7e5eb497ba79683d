/** Text as words, as `search_text` has them. */
import { SEPARATORS, UNSPACED } from "../../postgres/migrations/0003_search/characters.ts"

/** The most characters of a word; what is longer is none. */
const LONGEST_WORD = 254

export interface Word {
  /** In lower case. */
  readonly word: string
  /** In UTF-16 code units; `to` is the first one behind. */
  readonly from: number
  readonly to: number
}

const characterClass = (ranges: typeof SEPARATORS): string =>
  ranges.map(([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`).join("")

const unspaced = characterClass(UNSPACED)
const pattern = new RegExp(`[${unspaced}]|[^\\0 ${characterClass(SEPARATORS)}${unspaced}]+`, "gu")

/** Character by character, as databases do it: one stays one, and what stands around it does not count. */
const inLowerCase = (word: string): string =>
  /^[\0-\x7f]*$/.test(word)
    ? word.toLowerCase()
    : Array.from(word, (character) => String.fromCodePoint(character.toLowerCase().codePointAt(0)!)).join("")

export const wordsOf = (text: string): ReadonlyArray<Word> =>
  Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
    word: inLowerCase(found),
    from: index,
    to: index + found.length
  })).filter(({ word }) => word.length <= LONGEST_WORD || Array.from(word).length <= LONGEST_WORD)

/** A row of words. */
export type Phrase = ReadonlyArray<string>

export const phraseOf = (text: string): Phrase => wordsOf(text).map(({ word }) => word)

/** Whether the phrase stands among words, from `index` on. */
export const standsAt = (words: ReadonlyArray<Word>, index: number, phrase: Phrase): boolean =>
  phrase.every((word, i) => words[index + i]?.word === word)
