import { TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  ask,
  claim,
  closeSession,
  closeTurn,
  create,
  interrupt,
  running,
  start
} from "../../testing/commands.ts"
import { given } from "../../testing/scenario.ts"

const [a, b, c] = ["a", "b", "c"].map((id) => TurnId.make(id)) as [TurnId, TurnId, TurnId]

describe("interrupting a turn", () => {
  it("asks the active turn's runtime to stop", () => {
    given(...running("a"))
      .when(interrupt("a"))
      .then([{ type: "thread.turn-interrupt-requested", data: { turnId: a } }])
  })

  it("is refused when it was asked for already, or there is no such turn, or it has ended", () => {
    given(...running("a"), interrupt("a"))
      .when(interrupt("a"))
      .thenRejected("TurnNotActive", /interrupted already/)
    given(create())
      .when(interrupt("a"))
      .thenRejected("TurnNotFound", /no turn a/)
    given(create(), start("a"), closeTurn("a"))
      .when(interrupt("a"))
      .thenRejected("TurnNotActive", /ended \(completed\)/)
  })

  it("removes a queued turn, and those behind it go on", () => {
    const scenario = given(...running("a"), start("b"), start("c")).when(interrupt("b"))
    scenario.then([{ type: "thread.turn-interrupted", data: { turnId: b, reason: "removed-from-queue" } }])
    expect(scenario.state()).toMatchObject({
      active: { turnId: a },
      queue: [c],
      turns: { b: { status: "interrupted" } }
    })
  })

  it("ends a turn that no runtime has claimed in the same commit, and starts the next", () => {
    given(create(), start("a"), start("b"))
      .when(interrupt("a"))
      .then([
        { type: "thread.turn-interrupt-requested", data: { turnId: a } },
        { type: "thread.turn-interrupted", data: { turnId: a, reason: "interrupted" } },
        { type: "thread.turn-started", data: { turnId: b } }
      ])
  })

  it("ends a turn that is parked without a session, with all that is open in it", () => {
    given(...running("a"), ask("r"), closeSession("parked"))
      .when(interrupt("a"))
      .thenTypes(
        "thread.turn-interrupt-requested",
        "thread.message-closed",
        "thread.step-closed",
        "thread.request-withdrawn",
        "thread.turn-interrupted"
      )
  })

  it("ends a turn whose session was lost after the interrupt, so that it waits for nobody", () => {
    given(create(), start("a"), claim("a"), interrupt("a"), closeSession("lost"))
      .when(interrupt("a"))
      .then([{ type: "thread.turn-interrupted", data: { turnId: a, reason: "interrupted" } }])
  })

  it("ends a turn that parks after it was asked to stop", () => {
    given(create(), start("a"), claim("a"), interrupt("a"), start("b"))
      .when(closeSession("parked"))
      .thenTypes("thread.session-closed", "thread.turn-interrupted", "thread.turn-started")
  })
})
