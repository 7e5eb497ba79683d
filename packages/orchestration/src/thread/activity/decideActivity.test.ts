import { PartId, SEGMENT_LIMIT, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import { create, messageOf, record, running } from "../../testing/commands.ts"
import { given } from "../../testing/scenario.ts"

const notice = { type: "notice", level: "info", text: "compacting" } as const

describe("an activity", () => {
  it("is recorded with the active turn, or with none, and changes nothing else", () => {
    const before = given(...running("a"))
    before
      .when(record(notice))
      .then([{ type: "thread.activity-recorded", data: { turnId: TurnId.make("a"), activity: notice } }])
    const scenario = given(create()).when(record(notice))
    scenario.then([{ type: "thread.activity-recorded", data: { turnId: null, activity: notice } }])
    expect(scenario.state()).toMatchObject({ version: 2, status: "active", active: null })
  })

  it("T20 keeps a final text that differs, cut to what an event can hold", () => {
    const differs = {
      type: "final-text-differs",
      messageId: messageOf("a"),
      partId: PartId.make("text"),
      finalText: "x".repeat(SEGMENT_LIMIT * 3)
    } as const
    const [event] = given(...running("a"))
      .when(record(differs))
      .events()
    expect(event?.data).toEqual({
      turnId: "a",
      activity: { ...differs, finalText: `${"x".repeat(SEGMENT_LIMIT)}…` }
    })
  })
})
