/** What the fuzzer's threads, turns and commands are called: the same in every run of the same seed, so that inputs can meet. */
import type { ClientCommand } from "@spillway/contracts"
import type { Random } from "./Random.ts"
import type { TextFor } from "./validValue.ts"
import { longTexts, nastyTexts } from "./nasty.ts"

/** Threads that are there before the first input, and stay. */
export const BASE_THREADS = 12

export interface Names {
  readonly baseThread: (index: number) => string
  /** The thread that an input may create. */
  readonly threadOf: (input: number) => string
  readonly turnOf: (input: number) => string
  readonly commandOf: (input: number, index: number) => string
}

export const namesOf = (seed: number): Names => ({
  baseThread: (index) => `f${seed}.base${index}`,
  threadOf: (input) => `f${seed}.n${input}`,
  turnOf: (input) => `f${seed}.u${input}`,
  commandOf: (input, index) => `f${seed}.c${input}.${index}`
})

/** What commands of one input are about. */
export const textsOf = (names: Names, input: number): TextFor => {
  let commands = 0
  const earlier = (random: Random) => random.below(input + 1)
  return (field, random) => {
    switch (field) {
      case "threadId":
        return random.weighted([
          [5, names.baseThread(random.below(BASE_THREADS))],
          [3, names.threadOf(input)],
          [3, names.threadOf(earlier(random))],
          [1, "nowhere"]
        ])
      case "commandId":
      case "idempotency-key":
        return random.chance(0.9) ? names.commandOf(input, commands++) : names.commandOf(earlier(random), 0)
      case "turnId":
      case "retryOf":
        return random.chance(0.5) ? names.turnOf(input) : names.turnOf(earlier(random))
      case "nextTurnId":
        return `${names.turnOf(input)}.next`
      case "messageId":
        return `${names.turnOf(random.chance(0.9) ? input : earlier(random))}.m`
      case "sessionId":
        return `default/${names.baseThread(random.below(BASE_THREADS))}`
      case "requestId":
        return random.pick(["0", "1", "approve"])
      case "id":
        return `s${random.below(6)}`
      case "runtime":
        return random.pick(["scripted", "ai-sdk", "nobody"])
      case "protocol":
        return random.pick(["spillway.v1", "spillway.v2"])
      case "text":
      case "title":
      case "q":
        return random.chance(0.02) ? random.pick(longTexts)() : random.pick(nastyTexts)
      default:
        return undefined
    }
  }
}

/** Threads that others need are not deleted, nor put away. */
export const sparing = (command: ClientCommand, names: Names, input: number): unknown =>
  command.type === "thread.delete" || command.type === "thread.archive"
    ? { ...command, threadId: names.threadOf(Math.max(0, input - 1 - (input % 7))) }
    : command
