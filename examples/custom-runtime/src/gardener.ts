/**
 * A runtime without a model: it looks after a garden. It reads a gauge with a tool, asks a person before it waters, and may be stopped
 * at any moment.
 */
import { defineRuntime, reasoning, text, toolCall, toolDenied, toolError, toolResult } from "spillway"

export interface Garden {
  /** Millilitres of water in a bed's soil, by litre of soil. Rejects when the gauge can't be read. */
  readonly moisture: (bed: string, signal: AbortSignal) => Promise<number>
  /** Waters a bed for so many seconds. */
  readonly water: (bed: string, seconds: number, signal: AbortSignal) => Promise<void>
}

/** Below this a bed is dry. */
const DRY = 150

export const gardener = (garden: Garden) =>
  defineRuntime({
    name: "gardener",
    async *run({ ask, nextStep, prompt, signal }) {
      const bed = /\b(north|south)\b/.exec(prompt)?.[1]
      if (bed === undefined) {
        yield text("Which bed do you mean, the north one or the south one?")
        return
      }

      // The first step: look.
      yield reasoning(`They ask for the ${bed} bed. First its gauge.`)
      yield toolCall({ toolCallId: "gauge", name: "read_gauge", input: { bed } })
      let moisture: number
      try {
        moisture = await garden.moisture(bed, signal)
      } catch (error) {
        yield toolError({ toolCallId: "gauge", error: String(error) })
        await nextStep()
        yield text("I can't read the gauge, so I leave the water off.")
        return
      }
      yield toolResult({ toolCallId: "gauge", result: { moisture } })

      // The second: say what there is to do, and do it if somebody agrees.
      await nextStep()
      if (moisture >= DRY) {
        yield text(`The ${bed} bed is moist enough (${moisture} ml per litre).`)
        return
      }
      const seconds = Math.ceil((DRY - moisture) / 2)
      yield text(`The ${bed} bed is dry (${moisture} ml per litre). `)
      yield toolCall({ toolCallId: "water", name: "water", input: { bed, seconds } })
      const answer = await ask({
        kind: "approval",
        title: `Water the ${bed} bed for ${seconds} seconds?`,
        toolCallId: "water"
      })
      if (answer.decision === "deny") {
        yield toolDenied({ toolCallId: "water", reason: answer.reason })
      } else {
        await garden.water(bed, seconds, signal)
        yield toolResult({ toolCallId: "water", result: { seconds } })
      }

      await nextStep()
      yield text(answer.decision === "deny" ? "I leave the water off." : "It has been watered.")
    }
  })
