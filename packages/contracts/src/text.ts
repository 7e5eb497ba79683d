/** Text as the log can hold it. */

/**
 * NUL and lone surrogates become U+FFFD: Postgres stores them in `json`, and chokes on them later. Well-formed text comes back
 * as it is, without a copy.
 */
export const wellFormed = (text: string): string => {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  return formed.includes("\0") ? formed.replaceAll("\0", "\uFFFD") : formed
}

/** True when the text ends in the first half of a surrogate pair, whose other half may be in the next delta. */
export const endsInHighSurrogate = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}

/** Cuts text into pieces of at most `limit` code units (2 or more) that never part a surrogate pair. */
export const pieces = (text: string, limit: number): ReadonlyArray<string> => {
  if (text.length <= limit) return text === "" ? [] : [text]
  const out: Array<string> = []
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + limit, text.length)
    if (to < text.length && endsInHighSurrogate(text.slice(from, to))) to--
    out.push(text.slice(from, to))
    from = to
  }
  return out
}

/** `wellFormed` for every string in a JSON value, keys included. A value that needs nothing comes back as it is. */
export const wellFormedJson = <A>(value: A): A => {
  if (typeof value === "string") return wellFormed(value) as A
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) {
    const mapped = value.map(wellFormedJson)
    return mapped.every((item, i) => item === value[i]) ? value : (mapped as A)
  }
  const entries = Object.entries(value)
  const mapped = entries.map(([key, item]) => [wellFormed(key), wellFormedJson(item)] as const)
  return mapped.every(([key, item], i) => key === entries[i]![0] && item === entries[i]![1])
    ? value
    : (Object.fromEntries(mapped) as A)
}
