/** A JWT, signed or not: base64url of `{"`, a dot, and more of it. */
import { characters, MORE, NO, type SecretFormat, skip } from "./SecretFormat.ts"
import { swallowRun } from "./token.ts"

const base64url = characters(/[A-Za-z0-9_-]/)
const dot = characters(/\./)

/** Base64 that begins like a JWT but has no dot within this many code units is another's JSON. */
const LONGEST_HEADER = 512

/** The shortest header says `{"alg":"…"}`; as much of what follows makes it a token. */
const SHORTEST_PART = 10

export const jsonWebToken: SecretFormat = {
  prefixes: ["eyJ"],
  recognise: (text, from, ended) => {
    const headerEnd = skip(text, from, base64url, from + LONGEST_HEADER)
    if (headerEnd === text.length) return ended ? NO : MORE
    if (headerEnd - from < SHORTEST_PART) return NO
    // Of an encrypted token the second part may be empty.
    const next = skip(text, headerEnd, dot, headerEnd + 2)
    if (next === headerEnd) return NO
    const end = skip(text, next, base64url, next + SHORTEST_PART)
    if (end - next === SHORTEST_PART) return end
    return end === text.length && !ended ? MORE : NO
  },
  swallow: (text, from, ended) => swallowRun(text, from, ended, base64url, dot)
}
