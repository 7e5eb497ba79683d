/**
 * How one kind of secret looks, as far as text that may go on can tell.
 *
 * An answer depends on the code units alone and never on how much of what follows is there: where that matters it is MORE. So a
 * secret is found in the same place however its text was split. With `ended`, nothing follows and there is no MORE.
 */
export interface SecretFormat {
  /** How it begins. No format's prefix begins with another's. */
  readonly prefixes: ReadonlyArray<string>
  /** The prefix may stand in any case. */
  readonly anyCase?: boolean
  /** The prefix may stand in the middle of a word. */
  readonly anywhere?: boolean
  /** Where the secret itself begins, with the prefix at `at` and its end at `from`; what is before that stays. */
  readonly secretAt?: (text: string, from: number) => number
  /** Whether what follows a prefix that ends at `from` is a secret: NO, MORE, or how far it was read to be sure. */
  readonly recognise: (text: string, from: number, ended: boolean) => number
  /** The secret's further text, at `from`, after it was recognised. */
  readonly swallow: (text: string, from: number, ended: boolean) => Swallowed
}

export interface Swallowed {
  /** Text up to here belongs to the secret. */
  readonly to: number
  /** The secret ends there. If not, what stands behind `to` can't be told apart yet. */
  readonly isOver: boolean
}

/** What follows decides. */
export const MORE = -1

/** It is no secret of this format. */
export const NO = -2

/** A set of ASCII characters, as a table that is indexed by code unit. */
export type Characters = Uint8Array

export const characters = (pattern: RegExp): Characters =>
  Uint8Array.from({ length: 128 }, (_, code) => Number(pattern.test(String.fromCharCode(code))))

export const isOneOf = (set: Characters, code: number): boolean => code < 128 && set[code] === 1

/** The first place at or behind `from` that holds none of these characters, or `limit`. */
export const skip = (text: string, from: number, set: Characters, limit = text.length): number => {
  const end = Math.min(limit, text.length)
  let at = from
  while (at < end && isOneOf(set, text.charCodeAt(at))) at++
  return at
}
