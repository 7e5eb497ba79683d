import { EVENT_DATA_LIMIT, PartId, SEGMENT_LIMIT, stepIdOf, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import {
  append,
  call,
  claim,
  closeMessage,
  closeStep,
  closeTurn,
  create,
  messageOf,
  openMessage,
  openStep,
  running,
  start
} from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const a = TurnId.make("a")
const messageId = messageOf("a")
const address = { messageId, turnId: a, stepId: stepIdOf(a, 0) }
const text = PartId.make("text")
const error = { code: "Overloaded", message: "Come back later." }

describe("an assistant's message", () => {
  it("is opened in the open step, with its metadata", () => {
    given(create(), start("a"), claim("a"), openStep("a"))
      .when(openMessage("a"))
      .then([{ type: "thread.message-opened", data: { ...address, runtime: "scripted", model: null } }])
  })

  it("V2 is opened once", () => {
    given(...running("a"))
      .when(openMessage("a"))
      .thenRejected("MessageAlreadyOpen", /Append to it/)
    given(...running("a"), closeMessage(messageId))
      .when(openMessage("a"))
      .thenRejected("MessageAlreadyExists", /another/)
    given(create(), start("a", { messageId }), claim("a"), openStep("a"))
      .when(openMessage("a"))
      .thenRejected("MessageAlreadyExists", /another/)
  })

  it("V2 is not opened outside its step", () => {
    given(create(), start("a"), claim("a"))
      .when(openMessage("a"))
      .thenRejected("StepNotOpen", /thread\.step\.open/)
    given(...running("a"), closeStep("a"))
      .when(openMessage("a", 0, 1))
      .thenRejected("StepNotOpen", /a#0/)
    given(create()).when(openMessage("a")).thenRejected("StepNotOpen", /a#0/)
  })

  it("V2 closes once, and never when it was not opened", () => {
    given(create(), start("a"), claim("a"), openStep("a"))
      .when(closeMessage(messageId))
      .thenRejected("MessageNotOpen", /never opened/)
    given(...running("a"), closeMessage(messageId))
      .when(closeMessage(messageId))
      .thenRejected("MessageNotOpen", /closed already/)
    given(...running("a"), closeTurn("a"))
      .when(closeMessage(messageId))
      .thenRejected("MessageNotOpen", /closed already/)
    given(create())
      .when(closeMessage(messageId))
      .thenRejected("MessageNotOpen", /never opened/)
  })

  it("takes text at the end of each part", () => {
    const scenario = given(...running("a"), append(messageId, "Hello")).when(
      append(messageId, ", world", { offset: 5 })
    )
    scenario.then([
      {
        type: "thread.message-segment-appended",
        data: { ...address, partId: text, kind: "text", offset: 5, text: ", world" }
      }
    ])
    expect(scenario.state().active?.openMessages[messageId]?.parts).toEqual({
      text: { kind: "text", length: 12 }
    })
  })

  it("T7 refuses an offset that is not the part's length: nothing repeats, skips or moves", () => {
    const before = eventsOf(...running("a"), append(messageId, "Hello"))
    for (const offset of [0, 4, 6, -1]) {
      given(before)
        .when(append(messageId, "x", { offset }))
        .thenRejected("OffsetMismatch", /Append at 5/)
    }
    given(before)
      .when(append(messageId, "x", { partId: PartId.make("new"), offset: 1 }))
      .thenRejected("OffsetMismatch", /Append at 0/)
  })

  it("T7 refuses text for a message that is closed or was never opened", () => {
    given(...running("a"), closeMessage(messageId))
      .when(append(messageId, "x"))
      .thenRejected("MessageNotOpen", /closed/)
    given(...running("a"))
      .when(append(messageOf("a", 1), "x"))
      .thenRejected("MessageNotOpen", /never opened/)
  })

  it("refuses text for a part of another kind", () => {
    const before = eventsOf(
      ...running("a"),
      append(messageId, "Hm", { kind: "reasoning" }),
      call(messageId, "one")
    )
    given(before)
      .when(append(messageId, "x", { offset: 2 }))
      .thenRejected("PartMismatch", /is reasoning, not text/)
    given(before)
      .when(append(messageId, "x", { partId: PartId.make("call-one") }))
      .thenRejected("PartMismatch", /is tool-call, not text/)
  })

  it("cuts what is too large for one event into consecutive segments, and never a surrogate pair", () => {
    const worst = "\u0001".repeat(SEGMENT_LIMIT - 1) + "👋" + "\u0001".repeat(SEGMENT_LIMIT * 2)
    const events = given(...running("a"), append(messageId, "Hello"))
      .when(append(messageId, worst, { offset: 5 }))
      .events()
    expect(events.length).toBe(4)
    let joined = "Hello"
    for (const event of events) {
      if (event.type !== "thread.message-segment-appended") throw new Error(event.type)
      expect(event.data.offset).toBe(joined.length)
      expect(event.data.text.isWellFormed()).toBe(true)
      expect(new TextEncoder().encode(JSON.stringify(event.data)).length).toBeLessThanOrEqual(
        EVENT_DATA_LIMIT
      )
      joined += event.data.text
    }
    expect(joined === `Hello${worst}`).toBe(true)
  })

  it("takes no text as nothing at all", () => {
    given(...running("a"))
      .when(append(messageId, ""))
      .then([])
  })

  it("closes as it was asked to, with the error only where it is one", () => {
    const before = eventsOf(...running("a"), append(messageId, "x"))
    for (const status of ["completed", "interrupted", "error"] as const) {
      given(before)
        .when(closeMessage(messageId, { status, error }))
        .then([
          {
            type: "thread.message-closed",
            data: { ...address, status, error: status === "error" ? error : null }
          }
        ])
    }
  })

  it("T16 is discarded when it holds nothing but white space", () => {
    for (const status of ["completed", "interrupted", "discarded"] as const) {
      for (const before of [
        eventsOf(...running("a")),
        eventsOf(
          ...running("a"),
          append(messageId, " \n\t "),
          append(messageId, "\u00a0", { kind: "reasoning", partId: PartId.make("r") })
        )
      ]) {
        const [closed] = given(before).when(closeMessage(messageId, { status })).events()
        expect(closed?.data).toEqual({ ...address, status: "discarded", error: null })
      }
    }
  })

  it("V4 is never discarded once something is written: then it is interrupted", () => {
    for (const content of [
      append(messageId, "x"),
      append(messageId, "x", { kind: "reasoning" }),
      call(messageId, "one")
    ]) {
      const [closed] = given(
        ...running("a"),
        append(messageId, " ", { partId: PartId.make("space") }),
        content
      )
        .when(closeMessage(messageId, { status: "discarded" }))
        .events()
      expect(closed?.data).toEqual({ ...address, status: "interrupted", error: null })
    }
  })

  it("V4 makes room for another one in the same step", () => {
    const state = stateAfter(
      eventsOf(...running("a"), closeMessage(messageId, { status: "discarded" }), openMessage("a", 0, 1))
    )
    expect(Object.keys(state.active?.openMessages ?? {})).toEqual([messageOf("a", 0, 1)])
  })

  it("V5 closes with the error also when it is empty", () => {
    const [closed] = given(...running("a"))
      .when(closeMessage(messageId, { status: "error", error }))
      .events()
    expect(closed?.data).toEqual({ ...address, status: "error", error })
  })

  it("V10 grows where it is named, while others are open and people write", () => {
    const other = messageOf("a", 0, 1)
    const state = stateAfter(
      eventsOf(
        ...running("a"),
        openMessage("a", 0, 1),
        append(messageId, "one"),
        append(other, "three"),
        start("b"),
        append(messageId, "two", { offset: 3 })
      )
    )
    expect(state.active?.openMessages[messageId]?.parts[text]?.length).toBe(6)
    expect(state.active?.openMessages[other]?.parts[text]?.length).toBe(5)
  })
})
