/** Keys that are one run of characters behind a prefix of their own. */
import {
  type Characters,
  characters,
  isOneOf,
  MORE,
  NO,
  type SecretFormat,
  skip,
  type Swallowed
} from "./SecretFormat.ts"

const digit = characters(/\d/)

export interface TokenOptions extends Pick<SecretFormat, "anyCase" | "secretAt"> {
  readonly body: Characters
  /** Characters that belong to it between two of its body's, such as the dots of a JWT. */
  readonly joints?: Characters
  /** A body of this length is a secret … */
  readonly length: number
  /** … but one without any digit only at this length: shorter ones are names, such as `sk-fading-circle`. */
  readonly lengthWithoutDigit?: number
}

export const token = (
  prefixes: ReadonlyArray<string>,
  { body, joints, length, lengthWithoutDigit = length, ...format }: TokenOptions
): SecretFormat => ({
  ...format,
  prefixes,
  recognise: (text, prefixEnd, ended) => {
    const from = format.secretAt?.(text, prefixEnd) ?? prefixEnd
    let hasDigit = false
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (!isOneOf(body, code)) return NO
      hasDigit ||= isOneOf(digit, code)
      if (at - from + 1 >= (hasDigit ? length : lengthWithoutDigit)) return at + 1
    }
    return ended ? NO : MORE
  },
  swallow: (text, from, ended) => swallowRun(text, from, ended, body, joints)
})

export const swallowRun = (
  text: string,
  from: number,
  ended: boolean,
  body: Characters,
  joints?: Characters
): Swallowed => {
  let to = from
  while (true) {
    to = skip(text, to, body)
    if (to === text.length) return { to, isOver: ended }
    if (joints === undefined || !isOneOf(joints, text.charCodeAt(to))) return { to, isOver: true }
    // A full stop behind a key is the sentence's.
    if (to + 1 === text.length) return { to, isOver: ended }
    if (!isOneOf(body, text.charCodeAt(to + 1))) return { to, isOver: true }
    to++
  }
}
