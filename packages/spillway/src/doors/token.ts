import { Redacted } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"

/** Compares in a time that tells nothing about where the two differ, nor about their lengths. */
export const isToken = (expected: Redacted.Redacted, given: string): boolean =>
  timingSafeEqual(sha256(Redacted.value(expected)), sha256(given))

const sha256 = (text: string) => createHash("sha256").update(text).digest()

/** The token of an `Authorization: Bearer …` header. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
