/** Why a text was found: the piece of it that shows that best, and how much it is about what was looked for. */
import { endsInHighSurrogate, type Snippet } from "@spillway/contracts"
import type { SearchQuery } from "./SearchQuery.ts"
import { type Phrase, standsAt, type Word, wordsOf } from "./words.ts"

/** The most code units of a snippet, without its `…`. */
export const SNIPPET_LENGTH = 200

/** The most code units before the first mark. */
const LEAD = 40

interface Match {
  readonly phrase: Phrase
  readonly from: number
  readonly to: number
}

export interface Found {
  readonly snippet: Snippet
  readonly rank: number
}

export const foundIn = (text: string, query: SearchQuery): Found => {
  const words = wordsOf(text)
  const matches = matchesIn(
    words,
    query.flatMap(({ wanted }) => wanted)
  )
  return { snippet: snippetOf(text, words, matches), rank: rankOf(words, matches, query) }
}

/** Shows most of what was wanted; where several places do, the first of them. */
const snippetOf = (text: string, words: ReadonlyArray<Word>, matches: ReadonlyArray<Match>): Snippet => {
  const first = bestOf(matches)
  const start = first === undefined || first.from <= LEAD ? 0 : startOf(words, first.from - LEAD)
  const end = endOf(text, words, start)
  const before = start > 0 ? "…" : ""
  return {
    text: `${before}${text.slice(start, end)}${end < text.length ? "…" : ""}`,
    marks: apart(matches.filter(({ from }) => from >= start && from < end)).map(({ from, to }) => ({
      from: from - start + before.length,
      to: Math.min(to, end) - start + before.length
    }))
  }
}

/** The mean over what was wanted, of the alternative that fits best: half for what stands there once in a short text, or twice in 100 words. */
const rankOf = (words: ReadonlyArray<Word>, matches: ReadonlyArray<Match>, query: SearchQuery): number => {
  const times = new Map<Phrase, number>()
  for (const { phrase } of matches) times.set(phrase, (times.get(phrase) ?? 0) + 1)
  const enough = 1 + words.length / 100
  const ranks = query.map(({ wanted }) => {
    const found = wanted.map((phrase) => times.get(phrase) ?? 0)
    return found.reduce((sum, count) => sum + count / (count + enough), 0) / wanted.length
  })
  return Math.max(...ranks)
}

const matchesIn = (words: ReadonlyArray<Word>, phrases: ReadonlyArray<Phrase>): ReadonlyArray<Match> => {
  const byFirst = Map.groupBy(phrases, ([first]) => first!)
  return words.flatMap(({ from, word }, i) =>
    (byFirst.get(word) ?? [])
      .filter((phrase) => standsAt(words, i, phrase))
      .map((phrase) => ({ phrase, from, to: words[i + phrase.length - 1]!.to }))
  )
}

/** The match from which on most of the phrases stand within a snippet. */
const bestOf = (matches: ReadonlyArray<Match>): Match | undefined => {
  const within = new Map<Phrase, number>()
  const count = ({ phrase }: Match, by: number) => {
    const times = (within.get(phrase) ?? 0) + by
    if (times > 0) within.set(phrase, times)
    else within.delete(phrase)
  }
  let best: Match | undefined
  let most = 0
  let next = 0
  for (const match of matches) {
    while (next < matches.length && matches[next]!.from < match.from + SNIPPET_LENGTH - LEAD)
      count(matches[next++]!, 1)
    if (within.size > most) {
      best = match
      most = within.size
    }
    count(match, -1)
  }
  return best
}

const startOf = (words: ReadonlyArray<Word>, from: number): number =>
  words.find((word) => word.from >= from)!.from

const endOf = (text: string, words: ReadonlyArray<Word>, start: number): number => {
  const most = start + SNIPPET_LENGTH
  if (text.length <= most) return text.length
  const last = words.findLast((word) => word.to <= most && word.from >= start)
  if (last !== undefined) return last.to
  return endsInHighSurrogate(text.slice(start, most)) ? most - 1 : most
}

/** Marks that overlap, or touch, are one. */
const apart = (
  matches: ReadonlyArray<Match>
): ReadonlyArray<{ readonly from: number; readonly to: number }> => {
  const marks: Array<{ from: number; to: number }> = []
  for (const { from, to } of matches) {
    const last = marks.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else marks.push({ from, to })
  }
  return marks
}
