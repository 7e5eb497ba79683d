import { PartId, SEGMENT_LIMIT, stepIdOf, ToolCallId, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  append,
  call,
  closeCall,
  closeMessage,
  closeStep,
  closeTurn,
  create,
  messageOf,
  openMessage,
  openStep,
  output,
  running
} from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const a = TurnId.make("a")
const messageId = messageOf("a")
const address = { messageId, turnId: a, stepId: stepIdOf(a, 0) }
const one = ToolCallId.make("one")

describe("a tool call", () => {
  it("is a part of the message that made it", () => {
    const scenario = given(...running("a")).when(call(messageId, "one"))
    scenario.then([
      {
        type: "thread.tool-call-opened",
        data: {
          ...address,
          partId: PartId.make("call-one"),
          toolCallId: one,
          name: "calculator",
          input: { expression: "1 + 1" },
          inputTruncated: false,
          providerExecuted: false
        }
      }
    ])
    expect(scenario.state().active?.openMessages[messageId]).toMatchObject({
      hasContent: true,
      parts: { "call-one": { kind: "tool-call", length: 0 } }
    })
  })

  it("D5 shares its step with the calls beside it; those of the next step have the next", () => {
    const second = messageOf("a", 1)
    const events = eventsOf(
      ...running("a"),
      call(messageId, "one"),
      call(messageId, "two"),
      closeCall("two"),
      closeMessage(messageId),
      closeStep("a"),
      openStep("a", 1),
      openMessage("a", 1),
      call(second, "three"),
      closeCall("three"),
      closeCall("one")
    )
    const steps = events.flatMap((event) =>
      event.type === "thread.tool-call-opened" || event.type === "thread.tool-call-closed"
        ? [[event.data.toolCallId, event.data.stepId]]
        : []
    )
    expect(steps).toEqual([
      ["one", "a#0"],
      ["two", "a#0"],
      ["two", "a#0"],
      ["three", "a#1"],
      ["three", "a#1"],
      ["one", "a#0"]
    ])
  })

  it("is opened once in its turn, open or closed", () => {
    given(...running("a"), call(messageId, "one"))
      .when(call(messageId, "one", { partId: PartId.make("p") }))
      .thenRejected("ToolCallAlreadyExists", /in this turn/)
    given(...running("a"), call(messageId, "one"), closeCall("one"))
      .when(call(messageId, "one", { partId: PartId.make("p") }))
      .thenRejected("ToolCallAlreadyExists", /in this turn/)
  })

  it("needs an open message and a part of its own", () => {
    given(...running("a"), closeMessage(messageId))
      .when(call(messageId, "one"))
      .thenRejected("MessageNotOpen", /closed/)
    given(...running("a"), append(messageId, "x"))
      .when(call(messageId, "one", { partId: PartId.make("text") }))
      .thenRejected("PartMismatch", /another part id/)
  })

  it("prints at the end of what it printed, in pieces that fit an event", () => {
    given(...running("a"), call(messageId, "one"), output("one", "abc"))
      .when(output("one", "def", { offset: 3 }))
      .then([
        {
          type: "thread.tool-call-output-appended",
          data: { ...address, toolCallId: one, offset: 3, text: "def", truncated: false }
        }
      ])
    const large = given(...running("a"), call(messageId, "one"))
      .when(output("one", "x".repeat(SEGMENT_LIMIT + 1), { truncated: true }))
      .events()
    expect(large.map(({ data }) => ("truncated" in data ? [data.offset, data.truncated] : data))).toEqual([
      [0, false],
      [SEGMENT_LIMIT, true]
    ])
  })

  it("T7 refuses output that is not at its end, and says that it is truncated even without more text", () => {
    const before = eventsOf(...running("a"), call(messageId, "one"), output("one", "abc"))
    for (const offset of [0, 2, 4]) {
      given(before)
        .when(output("one", "x", { offset }))
        .thenRejected("OffsetMismatch", /Append at 3/)
    }
    given(before)
      .when(output("one", "", { offset: 3 }))
      .then([])
    given(before)
      .when(output("one", "", { offset: 3, truncated: true }))
      .then([
        {
          type: "thread.tool-call-output-appended",
          data: { ...address, toolCallId: one, offset: 3, text: "", truncated: true }
        }
      ])
  })

  it("closes once, with a result or an error, also after its message", () => {
    const error = { code: "Denied", message: "No." }
    given(...running("a"), call(messageId, "one"), closeMessage(messageId))
      .when(closeCall("one", { status: "denied", result: null, error }))
      .then([
        {
          type: "thread.tool-call-closed",
          data: { ...address, toolCallId: one, status: "denied", result: null, resultTruncated: false, error }
        }
      ])
    given(...running("a"), call(messageId, "one"), closeCall("one"))
      .when(closeCall("one"))
      .thenRejected("ToolCallNotOpen", /closed already/)
    given(...running("a"), call(messageId, "one"), closeTurn("a"))
      .when(closeCall("one"))
      .thenRejected("ToolCallNotOpen", /never opened/)
    given(create())
      .when(closeCall("one"))
      .thenRejected("ToolCallNotOpen", /never opened/)
    given(...running("a"))
      .when(output("one", "x"))
      .thenRejected("ToolCallNotOpen", /never opened/)
  })

  it("keeps what it printed apart from the text", () => {
    const state = stateAfter(
      eventsOf(...running("a"), call(messageId, "one"), output("one", "abc"), append(messageId, "x"))
    )
    expect(state.active?.openToolCalls[one]?.outputLength).toBe(3)
  })
})
