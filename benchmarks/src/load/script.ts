/** What every thread of the load does, known to all sides beforehand: modes, lengths, texts. Pure. */
import { DeliveryMode } from "@spillway/contracts"
import { prose } from "../runner/prose.ts"

/** Deltas a second that a provider sends to one thread. */
export const DELTAS_PER_SECOND = 10

/** One model call of the load: which thread's and turn's. It travels as the prompt. */
export interface Call {
  readonly thread: number
  readonly turn: number
}

export interface Script {
  readonly deltaLength: number
  /** Deltas of the whole text. */
  readonly deltas: number
}

export const modeOf = (thread: number): DeliveryMode =>
  DeliveryMode.literals[thread % DeliveryMode.literals.length]!

/** Turns of 5 to 25 seconds, with about two tokens a delta. Every fiftieth says as much as fits into a buffer, and more. */
export const scriptOf = ({ thread, turn }: Call): Script => {
  const n = hash(thread, turn)
  return (n >>> 8) % 50 === 0 ? { deltas: 150, deltaLength: 250 } : { deltas: 50 + (n % 200), deltaLength: 8 }
}

/** What a call says, as far as `length` characters: a text has the same beginning whatever its length. */
export const textOf = ({ thread, turn }: Call, length: number): string => prose(hash(thread, turn), length)

export const promptOf = ({ thread, turn }: Call): string => `Write text ${thread}/${turn}.`

/** The call that a prompt names; `undefined` when it is none of ours. */
export const callIn = (prompt: string): Call | undefined => {
  const match = /^Write text (\d+)\/(\d+)\.$/.exec(prompt)
  return match === null ? undefined : { thread: Number(match[1]), turn: Number(match[2]) }
}

export const threadIdOf = (thread: number): string => `thread-${thread}`
export const turnIdOf = ({ thread, turn }: Call): string => `thread-${thread}/turn-${turn}`

const hash = (thread: number, turn: number): number => {
  let n = Math.imul(thread + 1, 0x9e3779b1) ^ Math.imul(turn + 1, 0x85ebca6b)
  n = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  return (n ^ (n >>> 13)) >>> 0
}
