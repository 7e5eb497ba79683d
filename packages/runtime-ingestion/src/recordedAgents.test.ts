/** Transcripts of agents, our own always and recorded ones where they are, held against the agents' own final words. */
import { expect, layer } from "@effect/vitest"
import { DeliveryMode, type ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import * as fc from "fast-check"
import { eventsOf, layerTestIngestion } from "./testing/TestIngestion.ts"
import { own, ownRecordings } from "./testing/transcripts/own/all.ts"
import { playRecording } from "./testing/transcripts/playRecording.ts"
import { shared, sharedRecordings } from "./testing/transcripts/shared.ts"

/** What a person does meanwhile has no fixed place among what the runtime reports. */
const byPerson = new Set(["thread.message-sent", "thread.turn-steered", "thread.turn-interrupt-requested"])

/** What the runtime had committed to the thread, in words that are the same for another thread. */
const story = Effect.fnUntraced(function* (threadId: ThreadId, turnIds: ReadonlyArray<string>) {
  const events = (yield* eventsOf(threadId)).filter(({ type }) => !byPerson.has(type))
  return turnIds
    .reduce(
      (text, turnId, index) => text.replaceAll(`"${turnId}`, `"run-${index}`),
      JSON.stringify(events.map(({ data, type }) => ({ type, data }))).replaceAll(threadId, "thread")
    )
    .replaceAll(/"turn-\d+\/ask"/g, `"steer/ask"`)
})

/** The beginning is sent again whenever as much again was told. */
const atPowersOfTwo = (told: number): number => ((told & (told - 1)) === 0 ? told : 0)

layer(layerTestIngestion, { excludeTestServices: true })("transcripts of agents", (it) => {
  for (const recording of [...ownRecordings, ...sharedRecordings]) {
    const announces = recording.protocol.runtime === "puppet"
    it.effect(
      `${announces ? "V2" : "D7"} ${recording.name}: no turn is left open, and no text is lost, in any mode`,
      () =>
        Effect.gen(function* () {
          for (const mode of DeliveryMode.literals) yield* playRecording(recording, { mode })
        })
    )
  }

  const sentTwice = sharedRecordings.filter(({ name }) =>
    /(codex|claude-code|gemini)-live\/(parallel|cut|ask|long|interrupt|steer|two-turns|slow-cancel)/.test(
      name
    )
  )
  for (const recording of [...ownRecordings, ...sentTwice]) {
    it.effect(`T18 ${recording.name}: sending its beginning again changes nothing`, () =>
      Effect.gen(function* () {
        const once = yield* playRecording(recording, { mode: "buffered" })
        const again = yield* playRecording(recording, { mode: "buffered", redeliver: atPowersOfTwo })
        const stories = yield* Effect.forEach([once, again], ({ played, threadId }) =>
          story(
            threadId,
            played.map(({ turnId }) => turnId)
          )
        )
        expect(stories[1]).toBe(stories[0])
      })
    )
  }

  it.effect("T18 sending any beginning again at any time changes nothing", () =>
    Effect.gen(function* () {
      const context = yield* Effect.context<Effect.Services<ReturnType<typeof playRecording>>>()
      const plans = fc.record({
        recording: fc.constantFrom(...ownRecordings),
        mode: fc.constantFrom(...DeliveryMode.literals),
        parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
      })
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(plans, async ({ mode, parts, recording }) => {
            const redeliver = (told: number) => Math.round(told * parts[told % parts.length]!)
            await Effect.runPromiseWith(context)(playRecording(recording, { mode, redeliver }))
          }),
          { numRuns: 25 }
        )
      )
    })
  )

  for (const recording of [own("codex/steered"), ...shared("codex-live/steer")]) {
    it.effect(
      `D8 ${recording.name}: a steering message is taken in by the running turn, and none is left over`,
      () =>
        Effect.gen(function* () {
          const { played, view } = yield* playRecording(recording, { mode: "streaming" })
          const asked = view.turns[0]!.messages.filter(({ role }) => role === "user")
          expect(view.turns).toHaveLength(1)
          expect(asked).toHaveLength(2)
          expect(played[0]!.steering).toEqual(
            asked[1]!.parts.map((part) => part.type === "text" && part.text)
          )
          expect(view.turns[0]!.steps).toHaveLength(2)
        })
    )
  }

  for (const recording of [
    own("claudeCode/wholeBeforeStop"),
    ...shared("claude-code-live/echo", "claude-code-live/refusal", "claude-code-live/interrupt")
  ]) {
    it.effect(`A16 ${recording.name}: each step keeps its usage, finish reason and response id`, () =>
      Effect.gen(function* () {
        const { view } = yield* playRecording(recording, { mode: "paragraph" })
        const answers = recording.lines.flatMap(({ message }) => {
          const { api_message_id, event } = message as StreamLine
          return event?.type === "message_delta"
            ? [{ id: api_message_id, reason: event.delta.stop_reason, tokens: event.usage.output_tokens }]
            : []
        })
        expect(answers.length).toBeGreaterThan(0)
        expect(
          view.turns[0]!.steps.map(({ finishReason, responseId, usage }) => ({
            id: responseId,
            reason: finishReason,
            tokens: usage.outputTokens
          }))
        ).toEqual(answers)
      })
    )
  }
})

interface StreamLine {
  readonly api_message_id?: string
  readonly event?: {
    readonly type: string
    readonly delta: { readonly stop_reason: string }
    readonly usage: { readonly output_tokens: number }
  }
}
