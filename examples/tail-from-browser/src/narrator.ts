/** A runtime that tells a story at the pace of a model, so that there is something to watch. */
import { setTimeout as sleep } from "node:timers/promises"
import { defineRuntime, type Runtime, text } from "spillway"

const story = [
  "A spillway lets a dam hold what it can and pass on the rest, so that neither the wall nor the valley pays for a wet spring. ",
  "The water that goes over is not lost: it is counted, led, and slowed down on its way. ",
  "Whoever comes back in a dry year and asks what happened finds it written at the gauge, line by line.\n\n",
  "That is all there is to tell."
].join("")

/** Milliseconds between two words. */
const PACE = 30

export const narrator = (): Runtime =>
  defineRuntime({
    name: "narrator",
    async *run({ prompt, signal }) {
      yield text(`You said “${prompt}”. `)
      for (const word of story.match(/\S+\s*/g) ?? []) {
        await sleep(PACE, undefined, { signal })
        yield text(word)
      }
    }
  })
