import { DEFAULT_TENANT, sessionIdOf, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  approve,
  ask,
  bind,
  claim,
  closeSession,
  closeTurn,
  create,
  interrupt,
  respond,
  running,
  start
} from "../../testing/commands.ts"
import { eventsOf, given, scenarioThread, stateAfter } from "../../testing/scenario.ts"

const a = TurnId.make("a")
const sessionId = sessionIdOf(DEFAULT_TENANT, scenarioThread)

describe("a session", () => {
  it("is claimed for the active turn, with what its runtime can do", () => {
    given(create(), start("a"))
      .when(claim("a", { resumable: false }))
      .then([
        {
          type: "thread.session-opened",
          data: { sessionId, generation: 1, turnId: a, runtime: "scripted", resumable: false, canSteer: true }
        }
      ])
  })

  it("is claimed once per generation, and each claim is the next generation", () => {
    given(create(), start("a"), claim("a"))
      .when(claim("a", { generation: 2 }))
      .thenRejected("SessionAlreadyOpen", /Leave/)
    const lost = eventsOf(create(), start("a"), claim("a"), closeSession("lost"))
    given(lost)
      .when(claim("a"))
      .thenRejected("SessionAlreadyOpen", /is 2, not 1/)
    given(lost)
      .when(claim("a", { generation: 3 }))
      .thenRejected("SessionAlreadyOpen", /is 2, not 3/)
    expect(
      given(lost)
        .when(claim("a", { generation: 2 }))
        .state()
    ).toMatchObject({
      generation: 2,
      active: { session: { generation: 2 } }
    })
  })

  it("counts its generations over the whole thread", () => {
    const next = eventsOf(...running("a"), start("b"), closeTurn("a"))
    expect(stateAfter(next).generation).toBe(1)
    given(next).when(claim("b")).thenRejected("SessionAlreadyOpen", /is 2/)
    given(next)
      .when(claim("b", { generation: 2 }))
      .thenTypes("thread.session-opened")
  })

  it("is not claimed for a turn that is over, waits, or is being interrupted", () => {
    given(create(), start("a"), start("b")).when(claim("b")).thenRejected("TurnNotActive", /queue/)
    given(create(), start("a"), closeTurn("a"))
      .when(claim("a"))
      .thenRejected("TurnNotActive", /has ended/)
    given(create(), start("a"), claim("a"), interrupt("a"), closeSession("lost"))
      .when(claim("a", { generation: 2 }))
      .thenRejected("TurnNotActive", /being interrupted/)
  })

  it("A12 is not claimed for a turn that waits for an answer, and is once it has one", () => {
    const parked = eventsOf(...running("a"), ask("r"), closeSession("parked"))
    expect(stateAfter(parked).active).toMatchObject({
      session: null,
      openStep: "a#0",
      openMessages: { "a#0/message": { hasContent: false } },
      pendingRequests: { r: { kind: "approval" } }
    })
    given(parked)
      .when(claim("a", { generation: 2 }))
      .thenRejected("TurnParked", /request is resolved/)
    given([...parked, ...given(parked).when(respond("r", approve)).events()])
      .when(claim("a", { generation: 2 }))
      .thenTypes("thread.session-opened")
  })

  it("learns the provider's own id of the thread", () => {
    given(create(), start("a"), claim("a"))
      .when(bind("provider-thread"))
      .then([
        {
          type: "thread.session-bound",
          data: { sessionId, generation: 1, providerThreadId: "provider-thread" }
        }
      ])
    given(create(), start("a"))
      .when(bind("provider-thread"))
      .thenRejected("SessionNotOpen", /not open/)
  })

  it("leaves its turn active when it goes", () => {
    const scenario = given(create(), start("a"), claim("a")).when(closeSession("lost"))
    scenario.then([{ type: "thread.session-closed", data: { sessionId, generation: 1, reason: "lost" } }])
    expect(scenario.state().active).toMatchObject({ turnId: a, session: null })
  })

  it("T17 closes once, and a late exit of an older generation does nothing", () => {
    const second = eventsOf(
      create(),
      start("a"),
      claim("a"),
      closeSession("lost"),
      claim("a", { generation: 2 })
    )
    given(create(), start("a"), claim("a"), closeSession("exited"))
      .when(closeSession("exited"))
      .thenRejected("SessionNotOpen", /Generation 1/)
    given(second)
      .when(closeSession("exited", 1))
      .thenRejected("SessionNotOpen", /Generation 1/)
    given(second)
      .when(bind("late", 1))
      .thenRejected("SessionNotOpen", /Generation 1/)
    given(create(), start("a"), claim("a"), closeTurn("a"))
      .when(closeSession("exited"))
      .thenRejected("SessionNotOpen", /Generation 1/)
  })
})
