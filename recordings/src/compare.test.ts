import { assert, describe, it } from "@effect/vitest"
import { compare } from "./compare.ts"
import { totals } from "./ObservedConversation.ts"
import type { ObservedConversation, ObservedStep } from "./ObservedConversation.ts"

const step: ObservedStep = {
  text: "It is sunny in Bern.",
  reasoning: "Bern, then.",
  toolCalls: [
    { name: "weather", input: { city: "Bern", days: [1, 2] }, completed: true },
    { name: "clock", input: {}, completed: true }
  ],
  usage: { inputTokens: 3, outputTokens: 4 },
  finishReason: "tool-calls"
}

const seen = (change: Partial<ObservedStep> = {}, failed = false): ObservedConversation => ({
  id: "c",
  turns: [
    { failed: false, steps: [{ text: "First.", reasoning: "", toolCalls: [], finishReason: "stop" }] },
    { failed, steps: [{ ...step, ...change }] }
  ]
})

const places = (observed: ObservedConversation, oracle = seen()) =>
  compare(oracle, observed).map(({ at }) => at)

describe("Comparing what was seen with what the oracle saw", () => {
  it("finds nothing where both are equal, whatever the order of keys", () => {
    const [, clock] = step.toolCalls
    const input = { days: [1, 2], city: "Bern" }
    assert.deepStrictEqual(compare(seen(), seen()), [])
    assert.isDefined(clock)
    assert.deepStrictEqual(
      places(seen({ toolCalls: [{ name: "weather", input, completed: true }, ...(clock ? [clock] : [])] })),
      []
    )
  })

  it("names the place of each difference", () => {
    const [weather, clock] = step.toolCalls
    assert.isDefined(weather)
    assert.isDefined(clock)
    if (weather === undefined || clock === undefined) return
    const cases: ReadonlyArray<readonly [ObservedConversation, ReadonlyArray<string>]> = [
      [seen({ text: "It is sunny in Ber." }), ["turn 1 step 0 text"]],
      [seen({ text: "in Bern. It is sunny" }), ["turn 1 step 0 text"]],
      [seen({ reasoning: "" }), ["turn 1 step 0 reasoning"]],
      [seen({ toolCalls: [weather] }), ["turn 1 step 0 tool calls"]],
      [
        seen({ toolCalls: [clock, weather] }),
        [
          "turn 1 step 0 tool call 0 name",
          "turn 1 step 0 tool call 0 input",
          "turn 1 step 0 tool call 1 name",
          "turn 1 step 0 tool call 1 input"
        ]
      ],
      [
        seen({ toolCalls: [{ ...weather, input: { city: "Bern", days: [2, 1] } }, clock] }),
        ["turn 1 step 0 tool call 0 input"]
      ],
      [
        seen({ toolCalls: [weather, { ...clock, completed: false }] }),
        ["turn 1 step 0 tool call 1 completed"]
      ],
      [seen({ usage: { inputTokens: 3 } }), ["turn 1 step 0 usage"]],
      [seen({ finishReason: "stop" }), ["turn 1 step 0 finish reason"]],
      [seen({}, true), ["turn 1 failed"]],
      [{ id: "c", turns: seen().turns.slice(0, 1) }, ["turns"]],
      [
        { id: "c", turns: seen().turns.map((turn) => ({ ...turn, steps: [] })) },
        ["turn 0 steps", "turn 1 steps"]
      ]
    ]
    for (const [observed, at] of cases) assert.deepStrictEqual(places(observed), at)
  })

  it("lets a call be left alone whose answer held an error, and no other", () => {
    const unrun = { toolCalls: step.toolCalls.map((call) => ({ ...call, completed: false })) }
    assert.deepStrictEqual(places(seen(unrun, true), seen({}, true)), [])
    assert.lengthOf(places(seen({}, true), seen(unrun, true)), 2)
    assert.lengthOf(places(seen(unrun), seen()), 2)
  })

  it("shows what surrounds a difference", () => {
    const text = (end: string) => `${"x".repeat(500)}${end}${"y".repeat(500)}`
    const [mismatch] = compare(seen({ text: text("here") }), seen({ text: text("gone") }))
    assert.match(mismatch?.expected ?? "", /^…x+herey+…$/)
    assert.match(mismatch?.actual ?? "", /^…x+goney+…$/)
  })

  it("takes text as the log keeps it", () => {
    const { usage: _, ...without } = step
    const bare: ObservedConversation = { id: "c", turns: [{ failed: false, steps: [without] }] }
    const cases: ReadonlyArray<readonly [ObservedConversation, ObservedConversation]> = [
      [seen({ text: "a\0b\uD83Cc" }), seen({ text: "a\uFFFDb\uFFFDc" })],
      [seen({ text: "\n" }), seen({ text: "" })],
      [bare, { id: "c", turns: [{ failed: false, steps: [{ ...without, usage: {} }] }] }]
    ]
    for (const [oracle, observed] of cases) assert.deepStrictEqual(places(observed, oracle), [])
    assert.deepStrictEqual(places(seen({ text: " b" }), seen({ text: "b" })), ["turn 1 step 0 text"])
  })
})

describe("A tool's input that was too large for the log", () => {
  const whole = { text: "x".repeat(30) }
  const withInput = (input: (typeof step.toolCalls)[number]["input"], inputTruncated = false) =>
    seen({
      toolCalls: [{ name: "write", input, completed: true, ...(inputTruncated && { inputTruncated }) }]
    })
  const beginning = JSON.stringify(whole).slice(0, 20)

  it("is compared as far as the log kept it, and only if the log says that it kept a part", () => {
    const differs = ["turn 1 step 0 tool call 0 input"]
    assert.deepStrictEqual(places(withInput(beginning, true), withInput(whole)), [])
    assert.deepStrictEqual(places(withInput(beginning), withInput(whole)), differs)
    assert.deepStrictEqual(places(withInput(`${beginning}y`, true), withInput(whole)), differs)
  })
})

describe("Totals", () => {
  it("count code points of text, tool calls, turns and failures", () => {
    assert.deepStrictEqual(totals([seen({ text: "🌍a" }, true), seen({ text: " \n" })]), {
      turns: 4,
      failed: 1,
      characters: 14,
      toolCalls: 4
    })
  })
})
