/** A provider runtime that writes prose at a given pace, or as fast as it is let: a turn of one step and one text. */
import type { RuntimeChoice } from "@spillway/contracts"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Clock, Effect } from "effect"
import { prose } from "../../runner/prose.ts"

/** About as long as a few tokens, as providers send them. */
const DELTA_LENGTH = 20

export interface Typing {
  readonly seed: number
  /** Characters. */
  readonly length: number
  /** Characters a second; `null` for no pace. */
  readonly pace: number | null
}

export const choiceOf = (typing: Typing): RuntimeChoice => ({ options: { ...typing } })

/** Deltas that a text of this length comes in. */
export const deltasOf = (length: number): number => Math.ceil(length / DELTA_LENGTH)

export const Typist: ProviderRuntime = {
  name: "typist",
  resumable: false,
  canSteer: false,
  announcesSteps: true,
  runTurn: Effect.fnUntraced(function* (input, session) {
    const { length, pace, seed } = input.choice.options as unknown as Typing
    const text = prose(seed, length)
    yield* session.openStep({ model: "typist" })
    const began = yield* Clock.currentTimeMillis
    for (let at = 0; at < length; at += DELTA_LENGTH) {
      yield* session.emit({
        type: "text.delta",
        itemId: "text",
        kind: "text",
        delta: text.slice(at, at + DELTA_LENGTH)
      })
      if (pace !== null) {
        const due = began + ((at + DELTA_LENGTH) / pace) * 1_000
        yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
      }
    }
    yield* session.emit({ type: "text.completed", itemId: "text", kind: "text" })
    yield* session.emit({ type: "step.finished", usage: {}, finishReason: "stop" })
    yield* session.emit({ type: "turn.completed" })
  })
}
