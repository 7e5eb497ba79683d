/** Where a body's bytes are cut on their way through the network. */

/** `events`: as a provider writes, an event at a time. `anywhere`: at random places, the same ones for the same seed. */
export type Cuts = { readonly _tag: "events" } | { readonly _tag: "anywhere"; readonly seed: string }

/**
 * Cuts the same bytes anew, at places that a reader does not expect: within UTF-8 sequences, between CR and LF, within JSON.
 * Joined again they are what they were.
 */
export const recut = (pieces: ReadonlyArray<Uint8Array>, seed: string): ReadonlyArray<Uint8Array> => {
  const bytes = Buffer.concat(pieces)
  const random = mulberry32(hash(seed))
  // Small bodies in small pieces, large ones in some hundred: the number of writes stays bounded.
  const longest = Math.max([3, 17, 120, 1500][Math.floor(random() * 4)] ?? 17, Math.ceil(bytes.length / 400))
  const out: Array<Uint8Array> = []
  let from = 0
  let planned = 1 + Math.floor(random() * longest)
  for (let at = 1; at <= bytes.length; at++) {
    const awkward = isInsideSequence(bytes, at) && random() < 0.25
    if (at < bytes.length && at < planned && !awkward) continue
    out.push(bytes.subarray(from, at))
    from = at
    planned = at + 1 + Math.floor(random() * longest)
  }
  return out
}

/** Whether a cut before `at` parts a UTF-8 sequence or a CRLF. */
const isInsideSequence = (bytes: Uint8Array, at: number): boolean => {
  const next = bytes[at] ?? 0
  return (next & 0xc0) === 0x80 || (next === 0x0a && bytes[at - 1] === 0x0d)
}

/** FNV-1a. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

const mulberry32 = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
