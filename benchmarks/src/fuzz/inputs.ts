/** The inputs of a run: each is made of the seed and its own number and of nothing else, so that one can be had again by itself. */
import { ClientCommand, ClientFrame } from "@spillway/contracts"
import { HostFrame } from "@spillway/contracts/runtime-protocol"
import type { Schema } from "effect"
import { httpInput, type HttpInput } from "./httpInputs.ts"
import { jsonText } from "./jsonText.ts"
import { mutateText, mutateValue } from "./mutate.ts"
import { namesOf, sparing, textsOf } from "./names.ts"
import { nastyTexts } from "./nasty.ts"
import { Random } from "./Random.ts"
import { type TextFor, validValue } from "./validValue.ts"
import { wireBytes } from "./wireBytes.ts"

/** One frame of a websocket. */
export interface OutFrame {
  /** A buffer is sent as text too, though it may be none. */
  readonly data: string | Buffer
  readonly binary: boolean
  /** In how many fragments it is sent. */
  readonly pieces: number
}

export type FuzzInput =
  /** Frames on a websocket that has said hello. */
  | { readonly door: "websocket"; readonly frames: ReadonlyArray<OutFrame> }
  /** The first frames of a websocket. */
  | { readonly door: "hello"; readonly frames: ReadonlyArray<OutFrame> }
  /** Frames of a process that runs turns. */
  | { readonly door: "host"; readonly frames: ReadonlyArray<OutFrame> }
  /** Bytes on the connection below a websocket that has said hello. */
  | { readonly door: "wire"; readonly bytes: Buffer }
  | HttpInput

export const inputOf = (seed: number, number: number): FuzzInput => {
  const random = new Random(seed, number)
  const names = namesOf(seed)
  const textFor = textsOf(names, number)
  const frame = () =>
    outFrame(
      frameValue(random, textFor, (command) => sparing(command, names, number)),
      random
    )
  const hostFrame = () => outFrame(validValue(random.pick(HostFrame.members), random, textFor), random)
  return random.weighted<() => FuzzInput>([
    [50, () => ({ door: "websocket", frames: [frame()] })],
    [8, () => ({ door: "websocket", frames: Array.from({ length: 2 + random.below(12) }, frame) })],
    [4, () => ({ door: "websocket", frames: storm(random, number).map((value) => outFrame(value, random)) })],
    [1, () => ({ door: "hello", frames: Array.from({ length: 1 + random.below(3) }, frame) })],
    [3, () => ({ door: "host", frames: Array.from({ length: 1 + random.below(4) }, hostFrame) })],
    [0.7, () => ({ door: "wire", bytes: wireBytes(random) })],
    [36, () => httpInput(random, textFor, (command) => sparing(command, names, number))]
  ])()
}

type Sparing = (command: ClientCommand) => unknown

/** A frame that a client may send. Commands are the most of it. */
const frameValue = (random: Random, textFor: TextFor, spare: Sparing): unknown => {
  if (random.chance(0.5)) {
    const command = validValue(random.pick(ClientCommand.members), random, textFor)
    return { type: "command", command: spare(command as ClientCommand) }
  }
  const members: ReadonlyArray<Schema.Top> = ClientFrame.members
  return validValue(random.pick(members), random, textFor)
}

const outFrame = (value: unknown, random: Random): OutFrame => {
  const plain = { binary: random.chance(0.01), pieces: random.chance(0.03) ? 2 + random.below(5) : 1 }
  const data = random.weighted<() => string | Buffer>([
    [30, () => jsonText(value)],
    [45, () => jsonText(mutateValue(value, random))],
    [5, () => jsonText(mutateValue(mutateValue(mutateValue(value, random), random), random))],
    [20, () => mutateText(value, random)]
  ])()
  return { data, ...plain }
}

/** Much of the same, fast: subscribing and leaving, acks of everything and nothing, one id for several commands. */
const storm = (random: Random, number: number): ReadonlyArray<unknown> => {
  const times = 5 + random.below(60)
  const each = <A>(make: (i: number) => A) => Array.from({ length: times }, (_, i) => make(i))
  const id = () => `s${random.below(6)}`
  return random.pick<() => ReadonlyArray<unknown>>([
    () =>
      each((i) =>
        i % 2 === 0
          ? { type: "subscribe", id: "s0", subscription: { to: "log", from: "tail" } }
          : { type: "unsubscribe", id: "s0" }
      ),
    () =>
      each(() =>
        random.chance(0.6)
          ? {
              type: "subscribe",
              id: id(),
              subscription: random.pick<unknown>([
                { to: "threads" },
                { to: "log", from: { afterPosition: random.pick([0, 5, 1e15]) } },
                { to: "thread", threadId: `nowhere${random.below(1e6)}`, from: "snapshot" }
              ])
            }
          : { type: "unsubscribe", id: id() }
      ),
    () => each(() => ({ type: "ack", seq: random.pick([0, -1, 1, 2, 1e9, Number.MAX_SAFE_INTEGER]) })),
    () => each(() => ({ type: random.pick(["ping", "pong", "presence"]) })),
    () =>
      each((i) => ({
        type: "command",
        command: {
          type: "thread.update",
          commandId: `storm${number}`,
          threadId: "nowhere",
          title: i % 3 === 0 ? "same" : random.pick(nastyTexts)
        }
      }))
  ])()
}
