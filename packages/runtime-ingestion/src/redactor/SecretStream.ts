/**
 * Takes secrets out of text while it streams. Text goes through at once, but for a tail that may be the beginning of a secret: at most
 * some 600 code units, and usually nothing or the first letters of a word. A secret is replaced when it is recognised, and its
 * further text swallowed as it comes. What comes out in all does not depend on how the text was split.
 */
import type { RedactorStream } from "./RedactorService.ts"
import { characters, isOneOf, MORE, NO, type SecretFormat } from "./SecretFormat.ts"
import { secretFormats } from "./secretFormats.ts"

const REDACTED = "[redacted]"

interface Beginning {
  readonly prefix: string
  readonly format: SecretFormat
}

/** What a secret may begin with, by the code unit of its first character. */
const beginnings: ReadonlyArray<ReadonlyArray<Beginning> | undefined> = Array.from(
  { length: 128 },
  (_, code) => {
    const character = String.fromCharCode(code)
    const found = secretFormats.flatMap((format) =>
      format.prefixes
        .filter((prefix) => prefix.startsWith(format.anyCase === true ? character.toLowerCase() : character))
        .map((prefix) => ({ prefix, format }))
    )
    return found.length === 0 ? undefined : found
  }
)

const word = characters(/\w/)

/** An escape before a secret ends in a letter or a digit and is no part of the word: `\n`, `\u0027`. */
const escape = /\\(?:[bfnrt]|u[0-9A-Fa-f]{4})$/
const LONGEST_ESCAPE = 6

interface Found {
  readonly format: SecretFormat
  /** Text before this stays. */
  readonly secretAt: number
  /** Text before this belongs to the secret. */
  readonly to: number
}

export class SecretStream implements RedactorStream {
  /** Text that is not decided yet. */
  private held = ""
  /** The end of the text before it. */
  private before = ""
  /** The secret whose end has not come. */
  private inside: SecretFormat | null = null

  push(delta: string): string {
    return delta === "" ? "" : this.read(this.held + delta, false)
  }

  end(): string {
    const rest = this.read(this.held, true)
    this.before = ""
    this.inside = null
    return rest
  }

  holds(): boolean {
    return this.held !== "" || this.inside !== null
  }

  private read(text: string, ended: boolean): string {
    const out: Array<string> = []
    /** Text from here to `at` is ordinary. */
    let from = 0
    let at = 0
    while (at < text.length) {
      if (this.inside !== null) {
        const { isOver, to } = this.inside.swallow(text, at, ended)
        from = at = to
        if (!isOver) break
        this.inside = null
        continue
      }
      const found = this.secretAt(text, at, ended)
      if (found === MORE) break
      if (found === NO) {
        at++
        continue
      }
      out.push(text.slice(from, found.secretAt), REDACTED)
      this.inside = found.format
      from = at = found.to
    }
    out.push(text.slice(from, at))
    this.held = text.slice(at)
    this.before = (this.before + text.slice(Math.max(0, at - LONGEST_ESCAPE), at)).slice(-LONGEST_ESCAPE)
    return out.join("")
  }

  private secretAt(text: string, at: number, ended: boolean): Found | typeof MORE | typeof NO {
    const candidates = beginnings[text.charCodeAt(at)]
    if (candidates === undefined) return NO
    let answer: typeof MORE | typeof NO = NO
    for (const { format, prefix } of candidates) {
      const there = text.slice(at, at + prefix.length)
      if (!prefix.startsWith(format.anyCase === true ? there.toLowerCase() : there)) continue
      if (format.anywhere !== true && !this.isWordStart(text, at)) continue
      const prefixEnd = at + prefix.length
      const to = there.length === prefix.length ? format.recognise(text, prefixEnd, ended) : ended ? NO : MORE
      if (to >= 0) return { format, secretAt: format.secretAt?.(text, prefixEnd) ?? at, to }
      if (to === MORE) answer = MORE
    }
    return answer
  }

  private isWordStart(text: string, at: number): boolean {
    const last = at > 0 ? text.charCodeAt(at - 1) : this.before.charCodeAt(this.before.length - 1)
    if (!isOneOf(word, last)) return true
    return escape.test(this.before + text.slice(Math.max(0, at - LONGEST_ESCAPE), at))
  }
}
