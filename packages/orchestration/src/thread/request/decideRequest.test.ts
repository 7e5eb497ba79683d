import { RequestId, stepIdOf, ToolCallId, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  approve,
  ask,
  call,
  closeCall,
  closeMessage,
  closeSession,
  closeStep,
  closeTurn,
  create,
  messageOf,
  openMessage,
  openStep,
  respond,
  running,
  start,
  take,
  withdraw
} from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const a = TurnId.make("a")
const r = RequestId.make("r")
const questions = [
  { id: "color", question: "Which color?", options: ["red", "blue"] },
  { id: "name", question: "Which name?" }
]

describe("a request", () => {
  it("is asked by the running step", () => {
    given(...running("a"), call(messageOf("a"), "one"))
      .when(ask("r", "approval", { toolCallId: ToolCallId.make("one") }))
      .then([
        {
          type: "thread.request-opened",
          data: {
            requestId: r,
            turnId: a,
            stepId: stepIdOf(a, 0),
            toolCallId: ToolCallId.make("one"),
            kind: "approval",
            title: "May I?",
            questions: []
          }
        }
      ])
    given(...running("a"), closeStep("a"))
      .when(ask("r"))
      .thenTypes("thread.request-opened")
  })

  it("R1 may be called 0", () => {
    given(...running("a"), ask("0"))
      .when(respond("0", approve))
      .thenTypes("thread.request-resolved")
  })

  it("has an id of its own in the thread, and a session that waits for its answer", () => {
    given(...running("a"), ask("r"))
      .when(ask("r"))
      .thenRejected("RequestAlreadyExists", /another request id/)
    given(...running("a"), ask("r"), withdraw("r"))
      .when(ask("r"))
      .thenRejected("RequestAlreadyExists", /another/)
    given(create(), start("a")).when(ask("r")).thenRejected("SessionNotOpen", /Claim/)
  })

  it("A12 is answered once: the first answer wins", () => {
    const asked = given(...running("a"), ask("r"))
    asked
      .when(respond("r", approve))
      .then([{ type: "thread.request-resolved", data: { requestId: r, turnId: a, response: approve } }])
    given(...running("a"), ask("r"), respond("r", { type: "approval", decision: "deny", reason: "no" }))
      .when(respond("r", approve))
      .thenRejected("RequestAlreadyResolved", /first answer stands/)
  })

  it("A12 stays answered while the next step streams, and after the turn", () => {
    const message = messageOf("a")
    const next = eventsOf(
      ...running("a"),
      call(message, "one"),
      ask("r"),
      respond("r", approve),
      closeCall("one"),
      closeMessage(message),
      closeStep("a"),
      openStep("a", 1),
      openMessage("a", 1)
    )
    given(next)
      .when(respond("r", approve))
      .thenRejected("RequestAlreadyResolved", /first answer/)
    given([...next, ...given(next).when(closeTurn("a")).events()])
      .when(respond("r", approve))
      .thenRejected("RequestAlreadyResolved", /first answer/)
  })

  it("A12 takes the answer while the turn is parked and nobody runs it", () => {
    given(...running("a"), ask("r"), closeSession("parked"))
      .when(respond("r", approve))
      .thenTypes("thread.request-resolved")
  })

  it("is refused an answer when it is unknown, withdrawn, or went with its turn", () => {
    given(...running("a"))
      .when(respond("r", approve))
      .thenRejected("RequestNotFound", /no request r/)
    given(...running("a"), ask("r"), withdraw("r"))
      .when(respond("r", approve))
      .thenRejected("RequestWithdrawn", /nobody/)
    given(...running("a"), ask("r"), closeTurn("a"))
      .when(respond("r", approve))
      .thenRejected("RequestWithdrawn", /nobody/)
  })

  it("takes only an answer that fits what was asked", () => {
    const misfits = (
      response: Parameters<typeof respond>[1],
      about: RegExp,
      kind: "approval" | "input" = "input"
    ) =>
      given(...running("a"), ask("r", kind, { questions: kind === "input" ? questions : [] }))
        .when(respond("r", response))
        .thenRejected("ResponseDoesNotFit", about)
    misfits(approve, /of type "input"/)
    misfits({ type: "input", answers: {} }, /of type "approval"/, "approval")
    misfits({ type: "input", answers: { color: "red" } }, /name of request r has no answer/)
    misfits({ type: "input", answers: { color: "green", name: "x" } }, /one of: red, blue/)
    misfits({ type: "input", answers: { color: "red", name: "x", age: "3" } }, /no question age/)
    misfits({ type: "input", answers: { constructor: "red" } }, /no question constructor/)

    const response = { type: "input", answers: { color: "blue", name: "" } } as const
    given(...running("a"), ask("r", "input", { questions }))
      .when(respond("r", response))
      .thenTypes("thread.request-resolved")
    given(...running("a"), ask("r", "input"))
      .when(respond("r", { type: "input", answers: { answer: "yes" } }))
      .thenTypes("thread.request-resolved")
  })

  it("A12 has its answer taken once, by a session that is open", () => {
    const answered = eventsOf(...running("a"), ask("r"), respond("r", approve))
    expect(stateAfter(answered).active?.untakenRequests).toEqual({ r: true })
    const scenario = given(answered).when(take("r"))
    scenario.then([{ type: "thread.request-taken", data: { requestId: r, turnId: a } }])
    expect(scenario.state().active?.untakenRequests).toEqual({})
    given([...answered, ...scenario.events()])
      .when(take("r"))
      .then([])
    given([...answered, ...given(answered).when(closeSession("lost")).events()])
      .when(take("r"))
      .thenRejected("SessionNotOpen", /Claim/)
  })

  it("A12 has no answer to be taken while it is pending, withdrawn or unknown", () => {
    given(...running("a"), ask("r"))
      .when(take("r"))
      .thenRejected("RequestNotFound", /when the request is resolved/)
    given(...running("a"), ask("r"), withdraw("r"))
      .when(take("r"))
      .thenRejected("RequestNotFound", /no answer to request r/)
    given(...running("a"))
      .when(take("constructor"))
      .thenRejected("RequestNotFound", /no answer/)
  })

  it("is withdrawn while it is pending", () => {
    const scenario = given(...running("a"), ask("r")).when(withdraw("r"))
    scenario.then([
      { type: "thread.request-withdrawn", data: { requestId: r, turnId: a, reason: "not needed" } }
    ])
    expect(scenario.state().active?.pendingRequests).toEqual({})
    given(...running("a"), ask("r"), respond("r", approve))
      .when(withdraw("r"))
      .thenRejected("RequestAlreadyResolved", /./)
    given(...running("a"))
      .when(withdraw("r"))
      .thenRejected("RequestNotFound", /no request r/)
  })
})
