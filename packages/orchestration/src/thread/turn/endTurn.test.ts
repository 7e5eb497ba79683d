import {
  MessageId,
  sessionIdOf,
  DEFAULT_TENANT,
  PartId,
  RequestId,
  stepIdOf,
  ToolCallId,
  TurnId
} from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  append,
  ask,
  askOf,
  call,
  closeCall,
  closeMessage,
  closeSession,
  closeStep,
  closeTurn,
  create,
  interrupt,
  messageOf,
  openMessage,
  openStep,
  running,
  start
} from "../../testing/commands.ts"
import { eventsOf, given, scenarioThread } from "../../testing/scenario.ts"

const a = TurnId.make("a")
const stepId = stepIdOf(a, 0)
const messageId = messageOf("a")
const address = { messageId, turnId: a, stepId }
const error = { code: "Overloaded", message: "Come back later." }

describe("the end of a turn", () => {
  it("T8 closes everything that is still open in it, in one commit, and starts the next", () => {
    given(...running("a"), append(messageId, "so far"), call(messageId, "one"), ask("r"), start("b"))
      .when(closeTurn("a", "interrupted"))
      .then([
        {
          type: "thread.tool-call-closed",
          data: {
            ...address,
            toolCallId: ToolCallId.make("one"),
            status: "error",
            result: null,
            resultTruncated: false,
            error: { code: "Interrupted", message: "The turn was interrupted before this call finished." }
          }
        },
        { type: "thread.message-closed", data: { ...address, status: "interrupted", error: null } },
        {
          type: "thread.step-closed",
          data: { turnId: a, stepId, usage: {}, finishReason: "aborted", responseId: null }
        },
        {
          type: "thread.request-withdrawn",
          data: { requestId: RequestId.make("r"), turnId: a, reason: "turn-interrupted" }
        },
        {
          type: "thread.session-closed",
          data: { sessionId: sessionIdOf(DEFAULT_TENANT, scenarioThread), generation: 1, reason: "ended" }
        },
        { type: "thread.turn-interrupted", data: { turnId: a, reason: "end" } },
        { type: "thread.turn-started", data: { turnId: TurnId.make("b") } }
      ])
  })

  it("T8 closes every open message as the turn ended, where a runtime interleaves them", () => {
    const other = messageOf("a", 0, 1)
    const before = eventsOf(...running("a"), openMessage("a", 0, 1), append(other, "text"))
    const closings = (outcome: "completed" | "failed" | "interrupted") =>
      given(before)
        .when(closeTurn("a", outcome, error))
        .events()
        .flatMap((event) =>
          event.type === "thread.message-closed" ? [[event.data.messageId, event.data.status]] : []
        )
    expect(closings("completed")).toEqual([
      [messageId, "discarded"],
      [other, "completed"]
    ])
    expect(closings("interrupted")).toEqual([
      [messageId, "discarded"],
      [other, "interrupted"]
    ])
    expect(closings("failed")).toEqual([
      [messageId, "error"],
      [other, "error"]
    ])
  })

  it("V5 closes the open message with the error, even an empty one, and fails the turn with it", () => {
    given(...running("a"))
      .when(closeTurn("a", "failed", error))
      .then([
        { type: "thread.message-closed", data: { ...address, status: "error", error } },
        {
          type: "thread.step-closed",
          data: { turnId: a, stepId, usage: {}, finishReason: "aborted", responseId: null }
        },
        {
          type: "thread.session-closed",
          data: { sessionId: sessionIdOf(DEFAULT_TENANT, scenarioThread), generation: 1, reason: "ended" }
        },
        { type: "thread.turn-failed", data: { turnId: a, reason: "end", error } }
      ])
  })

  it("V5 fails a turn that had no message with the error alone", () => {
    given(create(), start("a"))
      .when(closeTurn("a", "failed", error))
      .then([{ type: "thread.turn-failed", data: { turnId: a, reason: "end", error } }])
  })

  it("V5 gives a failure without an error one that says what to do", () => {
    const [failed] = given(create(), start("a")).when(closeTurn("a", "failed")).events()
    expect(failed).toMatchObject({
      data: { error: { code: "RuntimeFailed", message: expect.stringMatching(/Retry/) } }
    })
  })

  it("D6 gives calls that never finished the turn's error, each with the step that asked for it", () => {
    const second = messageOf("a", 1)
    const before = eventsOf(
      ...running("a"),
      call(messageId, "one"),
      call(messageId, "done"),
      closeCall("done"),
      closeMessage(messageId),
      closeStep("a"),
      openStep("a", 1),
      openMessage("a", 1),
      call(second, "two", { partId: PartId.make("p") })
    )
    const closed = given(before)
      .when(closeTurn("a", "failed", error))
      .events()
      .filter((event) => event.type === "thread.tool-call-closed")
      .map(({ data }) => [data.toolCallId, data.messageId, data.stepId, data.error])
    expect(closed).toEqual([
      ["one", messageId, stepIdOf(a, 0), error],
      ["two", second, stepIdOf(a, 1), error]
    ])
  })

  it("is interrupted once an interrupt was committed, whatever the runtime reports", () => {
    for (const outcome of ["completed", "failed", "interrupted"] as const) {
      const events = given(...running("a"), append(messageId, "x"), interrupt("a"))
        .when(closeTurn("a", outcome, error))
        .events()
      const reason = outcome === "interrupted" ? "end" : "interrupted"
      expect(events.at(-1)).toEqual({ type: "thread.turn-interrupted", data: { turnId: a, reason } })
      expect(events[0]).toMatchObject({
        type: "thread.message-closed",
        data: { status: "interrupted", error: null }
      })
    }
  })

  it("A16 leaves a step alone that was closed with its usage before, also after the interrupt", () => {
    const before = eventsOf(...running("a"), interrupt("a"))
    const step = given(before).when(
      closeStep("a", 0, { usage: { inputTokens: 3, outputTokens: 9 }, finishReason: "aborted" })
    )
    step.then([
      {
        type: "thread.step-closed",
        data: {
          turnId: a,
          stepId,
          usage: { inputTokens: 3, outputTokens: 9 },
          finishReason: "aborted",
          responseId: "response"
        }
      }
    ])
    given([...before, ...step.events()])
      .when(closeTurn("a", "interrupted"))
      .thenTypes("thread.message-closed", "thread.session-closed", "thread.turn-interrupted")
  })

  it("D4 keeps what a finished step committed when an interrupt follows", () => {
    const finished = [append(messageId, "done"), closeMessage(messageId), closeStep("a")] as const
    given(...running("a"), ...finished, interrupt("a"))
      .when(closeTurn("a", "completed"))
      .then([
        {
          type: "thread.session-closed",
          data: { sessionId: sessionIdOf(DEFAULT_TENANT, scenarioThread), generation: 1, reason: "ended" }
        },
        { type: "thread.turn-interrupted", data: { turnId: a, reason: "interrupted" } }
      ])
  })

  it("T14 counts only for the active turn", () => {
    given(create(), start("a"), start("b")).when(closeTurn("b")).thenRejected("TurnNotActive", /queue/)
    given(create(), start("a"), closeTurn("a"))
      .when(closeTurn("a"))
      .thenRejected("TurnNotActive", /has ended/)
    given(create(), start("a"))
      .when(closeTurn("x"))
      .thenRejected("TurnNotFound", /no turn x/)
  })

  it("does not close a session that went by itself a second time", () => {
    given(...running("a"), closeSession("exited"))
      .when(closeTurn("a", "failed", error))
      .thenTypes("thread.message-closed", "thread.step-closed", "thread.turn-failed")
  })

  it("ends whatever a provider had to say, cut to what an event can hold", () => {
    const events = given(...running("a"), call(messageId, "one"))
      .when(closeTurn("a", "failed", { code: "Bad", message: "<html>".repeat(100_000) }))
      .events()
    for (const event of events) expect(JSON.stringify(event.data).length).toBeLessThan(10_000)
    expect(events.at(-1)).toMatchObject({
      data: { error: { code: "Bad", message: expect.stringMatching(/^<html>.*…$/) } }
    })
  })

  it("forgets the calls of the turn, so that the next one may use their ids again", () => {
    const next = messageOf("b")
    const state = given(...running("a"), call(messageId, "0"), closeCall("0"), start("b"))
      .when(closeTurn("a"))
      .state()
    expect(state.closedToolCalls).toEqual({})
    expect(Object.keys(state.messages)).toEqual([askOf("a"), messageId, askOf("b")])
    expect(state.messages).not.toHaveProperty([MessageId.make(next)])
  })
})
