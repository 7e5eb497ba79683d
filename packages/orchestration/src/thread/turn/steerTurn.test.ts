import { MessageId, stepIdOf, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  askOf,
  claim,
  closeMessage,
  closeStep,
  closeTurn,
  create,
  messageOf,
  openStep,
  running,
  start,
  steer
} from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const [a, b, c] = ["a", "b", "c"].map((id) => TurnId.make(id)) as [TurnId, TurnId, TurnId]
const choice = { model: "m" }

describe("steering a turn", () => {
  it("D8 gives the message to the running turn", () => {
    given(create(), start("a", { assistantDeliveryMode: "streaming", choice }), claim("a"))
      .when(steer("a", "b"))
      .then([
        {
          type: "thread.message-sent",
          data: { messageId: askOf("b"), turnId: a, role: "user", text: "and this" }
        },
        {
          type: "thread.turn-steered",
          data: {
            turnId: a,
            messageId: askOf("b"),
            nextTurnId: b,
            assistantDeliveryMode: "streaming",
            choice
          }
        }
      ])
  })

  it("D8 makes what no step took the next turn, behind those that wait", () => {
    const before = eventsOf(...running("a"), steer("a", "b"), start("c"), steer("a", "d"))
    const scenario = given(before).when(closeTurn("a"))
    scenario.thenTypes(
      "thread.message-closed",
      "thread.step-closed",
      "thread.session-closed",
      "thread.turn-completed",
      "thread.turn-start-requested",
      "thread.turn-queued",
      "thread.turn-start-requested",
      "thread.turn-queued",
      "thread.turn-started"
    )
    expect(scenario.events().slice(4, 6)).toEqual([
      {
        type: "thread.turn-start-requested",
        data: {
          turnId: b,
          messageId: askOf("b"),
          assistantDeliveryMode: "buffered",
          choice: {},
          retryOf: null
        }
      },
      { type: "thread.turn-queued", data: { turnId: b, because: "left-over", front: false } }
    ])
    expect(scenario.state()).toMatchObject({ active: { turnId: c }, queue: [b, "d"] })
  })

  it("D8 starts what is left over at once where nothing waits", () => {
    expect(
      given(...running("a"), steer("a", "b"))
        .when(closeTurn("a"))
        .state().active?.turnId
    ).toBe(b)
  })

  it("D8 keeps the mode and the runtime that a steering start asked for", () => {
    const state = given(
      ...running("a"),
      start("b", { ifBusy: "steer", assistantDeliveryMode: "paragraph", choice })
    )
      .when(closeTurn("a"))
      .state()
    expect(state.turns[b]).toMatchObject({ mode: "paragraph", choice })
  })

  it("leaves nothing over of what a step took", () => {
    const next = [closeMessage(messageOf("a")), closeStep("a")] as const
    const before = eventsOf(...running("a"), steer("a", "b"), steer("a", "c"), ...next)
    const taken = given(before).when(openStep("a", 1, [askOf("b")]))
    taken.then([
      { type: "thread.step-opened", data: { turnId: a, stepId: stepIdOf(a, 1), steeredBy: [askOf("b")] } }
    ])
    expect(taken.state().active?.steering.map((left) => left.nextTurnId)).toEqual([c])
  })

  it("T14 refuses a step that takes a message nobody sent, or one that was taken before", () => {
    const idle = eventsOf(create(), start("a"), claim("a"))
    given(idle)
      .when(openStep("a", 0, [askOf("b")]))
      .thenRejected("SteeringNotPending", /Leave it out/)
    given(...running("a"), steer("a", "b"), closeStep("a"), openStep("a", 1, [askOf("b")]), closeStep("a", 1))
      .when(openStep("a", 2, [askOf("b")]))
      .thenRejected("SteeringNotPending", /Leave it out/)
  })

  it("queues a turn like the running one where the runtime can't take it", () => {
    given(
      create(),
      start("a", { assistantDeliveryMode: "streaming", choice }),
      claim("a", { canSteer: false })
    )
      .when(steer("a", "b"))
      .then([
        {
          type: "thread.turn-start-requested",
          data: {
            turnId: b,
            messageId: askOf("b"),
            assistantDeliveryMode: "streaming",
            choice,
            retryOf: null
          }
        },
        {
          type: "thread.message-sent",
          data: { messageId: askOf("b"), turnId: b, role: "user", text: "and this" }
        },
        { type: "thread.turn-queued", data: { turnId: b, because: "cannot-steer", front: false } }
      ])
  })

  it("is refused for a turn that does not run, and for ids that were used", () => {
    const before = eventsOf(...running("a"), start("b"))
    given(before)
      .when(steer("x", "c"))
      .thenRejected("TurnNotFound", /no turn x/)
    given(before)
      .when(steer("b", "c"))
      .thenRejected("TurnNotActive", /waits in the queue/)
    given(create(), start("a"), closeTurn("a"))
      .when(steer("a", "c"))
      .thenRejected("TurnNotActive", /has ended/)
    given(before)
      .when(steer("a", "a", { messageId: MessageId.make("m") }))
      .thenRejected("TurnAlreadyExists", /another/)
    given(before)
      .when(steer("a", "c", { messageId: askOf("a") }))
      .thenRejected("MessageAlreadyExists", /another/)
    expect(stateAfter(before).active?.steering).toEqual([])
  })
})
