/**
 * A private key between `-----BEGIN … PRIVATE KEY-----` and its END line, also where each line has a number, a quotation mark or the
 * sign of a diff in front, or where line breaks are escaped. A key that is cut off ends with its last line of base64. The markers
 * alone, as in documentation, are no key.
 */
import { characters, isOneOf, MORE, NO, type SecretFormat, skip } from "./SecretFormat.ts"

const base64 = characters(/[A-Za-z0-9+/=]/)
const label = characters(/[A-Z0-9 ]/)
const classes = [characters(/\d/), characters(/[A-Z]/), characters(/[a-z]/)]

const BEGIN = "-----BEGIN "
const END = "-----END "
const DASHES = "-----"
const LONGEST_LABEL = 48

/** A run of base64 with digits, capitals and small letters is key material at this length, and not a word or a path. */
const RUN = 32

/** So much else may stand between two lines of a key, or before its first: headers, line numbers, a short last line. */
const BETWEEN = 256

export const privateKey: SecretFormat = {
  prefixes: [BEGIN],
  anywhere: true,
  recognise: (text, from, ended) => {
    const labelEnd = skip(text, from, label, from + LONGEST_LABEL)
    const begun = dashes(text, labelEnd, ended)
    if (begun < 0) return begun
    if (!/PRIVATE KEY(?: BLOCK)?$/.test(text.slice(from, labelEnd))) return NO
    const { kind, at } = keyText(text, begun, ended)
    return kind === "run" ? at : kind === "more" ? MORE : NO
  },
  swallow: (text, from, ended) => {
    let to = skip(text, from, base64)
    while (true) {
      const { at, kind } = keyText(text, to, ended)
      if (kind === "end") return { to: at, isOver: true }
      if (kind !== "run") return { to, isOver: kind === "none" }
      to = skip(text, at, base64)
    }
  }
}

/** What comes first behind `from`: a run of base64, the END line, or neither of them. */
const keyText = (
  text: string,
  from: number,
  ended: boolean
): { readonly kind: "run" | "end" | "more" | "none"; readonly at: number } => {
  let length = 0
  let seen = 0
  for (let at = from; at < from + BETWEEN; at++) {
    if (at >= text.length) return { kind: ended ? "none" : "more", at }
    const code = text.charCodeAt(at)
    if (isOneOf(base64, code)) {
      length++
      classes.forEach((set, i) => {
        if (isOneOf(set, code)) seen |= 1 << i
      })
      if (length >= RUN && seen === 7) return { kind: "run", at: at + 1 }
      continue
    }
    length = 0
    seen = 0
    const end = endLine(text, at, ended)
    if (end !== NO) return end === MORE ? { kind: "more", at } : { kind: "end", at: end }
  }
  return { kind: "none", at: from }
}

/** Where the END line that begins at `at` ends. */
const endLine = (text: string, at: number, ended: boolean): number => {
  if (!text.startsWith(END, at)) return !ended && END.startsWith(text.slice(at, at + END.length)) ? MORE : NO
  return dashes(text, skip(text, at + END.length, label, at + END.length + LONGEST_LABEL), ended)
}

/** Where the five dashes at `at` end. */
const dashes = (text: string, at: number, ended: boolean): number => {
  if (text.startsWith(DASHES, at)) return at + DASHES.length
  return !ended && DASHES.startsWith(text.slice(at, at + DASHES.length)) ? MORE : NO
}
