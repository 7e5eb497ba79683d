import { emptyThreadView, foldThread, type LiveFrame, type ThreadEvent } from "@spillway/contracts"
import {
  begun,
  called,
  closed,
  created,
  ended,
  frame,
  logged,
  opened,
  segment,
  threadId
} from "@spillway/contracts/testing"
import { describe, expect, it } from "vitest"
import { cut, type Following, notFollowed, takeFrame } from "./following.ts"
import { laidOver } from "./laidOver.ts"

/** A thread that holds these events and is up to date. */
const holding = (...events: ReadonlyArray<ThreadEvent>): Following => {
  const view = foldThread(emptyThreadView(threadId), logged(events))
  const following = takeFrame(
    notFollowed(threadId),
    { type: "snapshot", seq: 1, id: "s", view, before: null },
    "log"
  )
  return takeFrame(following, { type: "caught-up", id: "s", version: view.version }, "log")
}

const told = (following: Following, ...events: ReadonlyArray<ThreadEvent>) =>
  takeFrame(
    following,
    { type: "events", seq: 1, id: "s", events: logged(events, following.durable.version) },
    "log"
  )

const live = (following: Following, ...frames: ReadonlyArray<LiveFrame>) =>
  takeFrame(following, { type: "live", seq: 1, id: "s", frames }, "log")

const textOf = (following: Following) =>
  laidOver(following.overlay, following.durable)
    .turns.flatMap((turn) => turn.messages)
    .flatMap(({ parts }) => parts.map((part) => (part.type === "tool-call" ? part.output : part.text)))

describe("what is known of a thread", () => {
  it("holds no live text of a message that closed, nor of a turn that ended", () => {
    const writing = live(holding(created, ...begun("t1"), opened("t1")), frame("t1", "Hello"))
    expect(writing.overlay.messages.size).toBe(1)
    expect(told(writing, segment("t1", "Hello"), closed("t1")).overlay.messages.size).toBe(0)
    expect(told(writing, ended("t1", "interrupted")).overlay.messages.size).toBe(0)
  })

  it("shows what a tool prints after the message that called it is closed", () => {
    const calling = holding(created, ...begun("t1"), opened("t1"), called("t1", "c"), closed("t1"))
    const output = {
      partId: calling.durable.turns[0]!.messages[1]!.parts[0]!.partId,
      kind: "tool-output"
    } as const
    expect(textOf(live(calling, frame("t1", "working…", output)))).toEqual(["ask t1", "working…"])
  })

  it("is what it was where a frame says nothing new", () => {
    const writing = live(holding(created, ...begun("t1"), opened("t1")), frame("t1", "Hello"))
    expect(live(writing, frame("t1", "Hel"))).toBe(writing)
    expect(live(writing, frame("t1", "beyond a gap", { offset: 9 }))).toBe(writing)
    expect(told(writing).durable).toBe(writing.durable)
  })

  it("lays live text over the message that it names, and leaves the others as they are", () => {
    const writing = holding(created, ...begun("t1"), ended("t1"), ...begun("t2"), opened("t2"))
    const one = live(writing, frame("t2", "Hello"))
    const shown = laidOver(one.overlay, one.durable)
    expect(shown.turns[0]).toBe(one.durable.turns[0])
    expect(shown.turns[1]!.messages[0]).toBe(one.durable.turns[1]!.messages[0])
    // The same again is the same object.
    expect(laidOver(one.overlay, one.durable).turns[1]).toBe(shown.turns[1])
    const two = told(one, { type: "thread.updated", data: { title: "New" } })
    expect(laidOver(two.overlay, two.durable).turns[1]).toBe(shown.turns[1])
  })

  it("throws where events are missing, and keeps nothing of a thread that is gone", () => {
    const following = holding(created)
    const late = logged(begun("t1"), 5)
    expect(() => takeFrame(following, { type: "events", seq: 1, id: "s", events: late }, "log")).toThrow(
      /does not follow/
    )
    const gone = takeFrame(
      following,
      { type: "error", code: "thread-not-found", message: "No.", retryable: false, id: "s" },
      "log"
    )
    expect(gone).toEqual({ ...notFollowed(threadId), status: "absent" })
    expect(cut(gone)).toBe(gone)
  })
})
