import { stepIdOf, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import { claim, closeStep, closeTurn, create, openStep, running, start } from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const a = TurnId.make("a")

describe("a step", () => {
  it("D5 is turnId#index, and the first index is 0", () => {
    expect(openStep("a").stepId).toBe("a#0")
    given(create(), start("a"), claim("a"))
      .when(openStep("a"))
      .then([{ type: "thread.step-opened", data: { turnId: a, stepId: stepIdOf(a, 0), steeredBy: [] } }])
    given(...running("a"), closeStep("a"))
      .when(openStep("a", 1))
      .thenTypes("thread.step-opened")
  })

  it("D5 leaves no index out and takes none twice, each turn from 0", () => {
    const first = eventsOf(...running("a"), closeStep("a"))
    given(create(), start("a"), claim("a"))
      .when(openStep("a", 1))
      .thenRejected("StepOutOfOrder", /is a#0, not a#1/)
    given(first)
      .when(openStep("a", 0))
      .thenRejected("StepOutOfOrder", /is a#1, not a#0/)
    given(first)
      .when(openStep("a", 2))
      .thenRejected("StepOutOfOrder", /is a#1, not a#2/)
    given(...running("a"), closeTurn("a"), start("b"), claim("b", { generation: 2 }))
      .when(openStep("b"))
      .thenTypes("thread.step-opened")
  })

  it("D5 counts the steps of a turn whose id looks like a step", () => {
    given(create(), start("a#7"), claim("a#7")).when(openStep("a#7")).thenTypes("thread.step-opened")
    expect(
      stateAfter(eventsOf(create(), start("a#7"), claim("a#7"), openStep("a#7"))).active?.nextStepIndex
    ).toBe(1)
  })

  it("opens while no other is open, in the active turn, under a session", () => {
    given(...running("a"))
      .when(openStep("a", 1))
      .thenRejected("StepAlreadyOpen", /Close it/)
    given(create(), start("a")).when(openStep("a")).thenRejected("SessionNotOpen", /Claim/)
    given(...running("a"), start("b"))
      .when(openStep("b"))
      .thenRejected("TurnNotActive", /queue/)
  })

  it("A16 keeps usage, finish reason and the provider's response id", () => {
    const scenario = given(...running("a")).when(closeStep("a"))
    scenario.then([
      {
        type: "thread.step-closed",
        data: {
          turnId: a,
          stepId: stepIdOf(a, 0),
          usage: { outputTokens: 7 },
          finishReason: "stop",
          responseId: "response"
        }
      }
    ])
    expect(scenario.state().active?.openStep).toBeNull()
  })

  it("closes once, and never when it was not opened", () => {
    given(...running("a"), closeStep("a"))
      .when(closeStep("a"))
      .thenRejected("StepNotOpen", /not open/)
    given(create(), start("a"), claim("a"))
      .when(closeStep("a"))
      .thenRejected("StepNotOpen", /Open it/)
    given(...running("a"), closeTurn("a"))
      .when(closeStep("a"))
      .thenRejected("StepNotOpen", /not open/)
  })
})
