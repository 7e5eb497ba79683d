import { SPILL_LIMIT } from "@spillway/contracts"
import { describe, expect, it } from "@effect/vitest"
import { callIn, modeOf, promptOf, scriptOf, textOf, turnIdOf } from "./script.ts"

const calls = Array.from({ length: 200 }, (_, thread) =>
  Array.from({ length: 10 }, (_, turn) => ({ thread, turn }))
).flat()

describe("the load's script", () => {
  it("has every mode, and in every mode turns that spill and turns that don't", () => {
    const kinds = calls.map((call) => {
      const { deltaLength, deltas } = scriptOf(call)
      return `${modeOf(call.thread)} ${deltaLength * deltas > SPILL_LIMIT ? "spills" : "waits"}`
    })
    expect(new Set(kinds).size).toBe(6)
  })

  it("gives each call a text and an id of its own", () => {
    expect(new Set(calls.map((call) => textOf(call, 60))).size).toBe(calls.length)
    expect(new Set(calls.map(turnIdOf)).size).toBe(calls.length)
  })

  it("finds the call in its prompt, and none elsewhere", () => {
    expect(callIn(promptOf({ thread: 12, turn: 7 }))).toEqual({ thread: 12, turn: 7 })
    expect(callIn("Write me a title.")).toBeUndefined()
  })
})
