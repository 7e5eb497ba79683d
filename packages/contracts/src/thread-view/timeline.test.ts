import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TurnId } from "../Ids.ts"
import { arbitraryThread } from "../testing/arbitraryThread.ts"
import {
  answered,
  askOf,
  begun,
  called,
  closed,
  created,
  ended,
  interruptRequested,
  logged,
  messageOf,
  opened,
  printed,
  queued,
  requested,
  segment,
  sent,
  started,
  steered,
  stepOpened,
  threadId
} from "../testing/threadEvents.ts"
import type { ThreadEvent } from "../ThreadEvent.ts"
import { emptyThreadView, foldThread } from "./foldThread.ts"
import { modelHistory } from "./modelHistory.ts"
import type { ThreadView } from "./ThreadView.ts"
import { conversation, standingTurns, timeline } from "./timeline.ts"

const viewOf = (...events: ReadonlyArray<ThreadEvent>) =>
  foldThread(emptyThreadView(threadId), logged([created, ...events]))
const said = (view: ThreadView) => timeline(view).map(({ messageId }) => messageId)
const told = (view: ThreadView) =>
  modelHistory(view).map((message) =>
    message.role === "assistant"
      ? message.parts.map((part) => ("text" in part ? part.text : part.name)).join("")
      : message.text
  )

/** A turn that answers with a text and ends. */
const turn = (
  id: string,
  outcome: "completed" | "failed" | "interrupted" = "completed"
): ReadonlyArray<ThreadEvent> => [
  stepOpened(id),
  opened(id),
  segment(id, `answer ${id}`),
  closed(id, { status: outcome === "failed" ? "error" : outcome }),
  ended(id, outcome)
]
const waits = (id: string, front = false): ReadonlyArray<ThreadEvent> => [
  requested(id),
  sent(id),
  queued(id, { front })
]

describe("the order in which a thread is seen", () => {
  it("A10 has each turn's question before its answer, also of turns that waited while others wrote", () => {
    const view = viewOf(...begun("a"), ...waits("b"), ...turn("a"), started("b"), ...turn("b"))
    expect(said(view)).toEqual([askOf("a"), messageOf("a"), askOf("b"), messageOf("b")])
    expect(told(view)).toEqual(["ask a", "answer a", "ask b", "answer b"])
  })

  it("A10 has a turn that went to the front before those it overtook", () => {
    const overtaken = viewOf(...begun("a"), ...waits("b"), interruptRequested("a"), ...waits("c", true))
    expect(said(overtaken)).toEqual([askOf("a"), askOf("c"), askOf("b")])
    expect(told(overtaken)).toEqual(["ask a"])
    const done = viewOf(
      ...begun("a"),
      ...waits("b"),
      interruptRequested("a"),
      ...waits("c", true),
      ...turn("a", "interrupted"),
      started("c"),
      ...turn("c"),
      started("b"),
      ...turn("b")
    )
    expect(told(done)).toEqual(["ask a", "answer a", "ask c", "answer c", "ask b", "answer b"])
    expect(said(done)).toEqual([
      askOf("a"),
      messageOf("a"),
      askOf("c"),
      messageOf("c"),
      askOf("b"),
      messageOf("b")
    ])
  })

  it("shows a turn that was removed from the queue where it was removed, and tells the model nothing of it", () => {
    const view = viewOf(...begun("a"), ...waits("b"), ended("b", "interrupted"), ...turn("a"), ...begun("c"))
    expect(said(view)).toEqual([askOf("a"), messageOf("a"), askOf("b"), askOf("c")])
    expect(told(view)).toEqual(["ask a", "answer a", "ask c"])
  })

  it("D8 has a steering message where it was sent, and a left-over one with the turn it became", () => {
    const steering = [sent("s", { turnId: TurnId.make("a") }), steered("a", "s")]
    const taken = viewOf(
      ...begun("a"),
      stepOpened("a"),
      opened("a"),
      ...steering,
      closed("a"),
      stepOpened("a", 1, [askOf("s")]),
      opened("a", 1)
    )
    expect(said(taken)).toEqual([askOf("a"), messageOf("a"), askOf("s"), messageOf("a", 1)])

    const left = [requested("s"), queued("s", { because: "left-over" })]
    const over = viewOf(
      ...begun("a"),
      ...steering,
      ...turn("a", "failed"),
      ...left,
      started("s"),
      ...turn("s")
    )
    expect(said(over)).toEqual([askOf("a"), messageOf("a"), askOf("s"), messageOf("s")])
    expect(told(over)).toEqual(["ask a", "answer a", "ask s", "answer s"])

    const retried = foldThread(
      over,
      logged(
        [requested("r", { retryOf: TurnId.make("a"), messageId: askOf("a") }), started("r")],
        over.version
      )
    )
    expect(said(retried)).toEqual([askOf("s"), messageOf("s"), askOf("a")])
    expect(told(retried)).toEqual(["ask s", "answer s", "ask a"])
  })

  it("D8 keeps the left-over message with its turn when that is retried", () => {
    const view = viewOf(
      ...begun("a"),
      sent("s", { turnId: TurnId.make("a") }),
      steered("a", "s"),
      ...turn("a"),
      requested("s"),
      queued("s", { because: "left-over" }),
      started("s"),
      ...turn("s", "failed"),
      requested("r", { retryOf: TurnId.make("s"), messageId: askOf("s") }),
      started("r")
    )
    expect(said(view)).toEqual([askOf("a"), messageOf("a"), askOf("s")])
    expect(told(view)).toEqual(["ask a", "answer a", "ask s"])
  })

  it("A8 leaves out an attempt that was retried, and keeps the question once", () => {
    const retry = (id: string, of: string) => [
      requested(id, { retryOf: TurnId.make(of), messageId: askOf("a") }),
      started(id)
    ]
    const view = viewOf(
      ...begun("a"),
      ...turn("a", "failed"),
      ...retry("b", "a"),
      ...turn("b", "interrupted"),
      ...retry("c", "b"),
      ...turn("c")
    )
    expect(said(view)).toEqual([askOf("a"), messageOf("c")])
    expect(told(view)).toEqual(["ask a", "answer c"])
    expect(view.turns.map(({ retriedBy, retryOf }) => [retryOf, retriedBy])).toEqual([
      [null, "b"],
      ["a", "c"],
      ["b", null]
    ])
  })

  it("A15 tells the model the priming, and shows it to nobody", () => {
    const view = viewOf(
      requested("a"),
      sent("a", { role: "system", text: "Be brief." }),
      started("a"),
      ...turn("a")
    )
    expect(said(view)).toEqual([messageOf("a")])
    expect(modelHistory(view)[0]).toEqual({ role: "system", text: "Be brief." })
  })

  it("A10 tells the model no message that is open, discarded or without content", () => {
    const open = [...begun("a"), stepOpened("a"), opened("a")]
    expect(told(viewOf(...open, segment("a", "Hello")))).toEqual(["ask a"])
    expect(told(viewOf(...open, closed("a", { status: "discarded" })))).toEqual(["ask a"])
    expect(told(viewOf(...open, closed("a", { status: "error" })))).toEqual(["ask a"])
    expect(told(viewOf(...open, segment("a", "  "), closed("a", { status: "error" })))).toEqual(["ask a"])
    expect(said(viewOf(...open, closed("a", { status: "error" })))).toEqual([askOf("a"), messageOf("a")])
  })

  it("marks what was cut off", () => {
    for (const [outcome, cutOff] of [
      ["completed", false],
      ["interrupted", true],
      ["failed", true]
    ] as const) {
      expect(modelHistory(viewOf(...begun("a"), ...turn("a", outcome)))[1]).toMatchObject({ cutOff })
    }
  })

  it("D2 has tool results in the order of the calls, whatever order they came in", () => {
    const view = viewOf(
      ...begun("a"),
      stepOpened("a"),
      opened("a"),
      segment("a", "Let me see."),
      called("a", "one"),
      called("a", "two"),
      answered("a", "two"),
      answered("a", "one"),
      closed("a")
    )
    expect(modelHistory(view)[1]).toEqual({
      role: "assistant",
      parts: [
        { type: "text", text: "Let me see." },
        ...["one", "two"].map((toolCallId) => ({
          type: "tool-call",
          toolCallId,
          name: "calculator",
          input: { expression: "1 + 1" },
          providerExecuted: false
        }))
      ],
      toolResults: [
        { toolCallId: "one", name: "calculator", status: "completed", result: "result of one", error: null },
        { toolCallId: "two", name: "calculator", status: "completed", result: "result of two", error: null }
      ],
      cutOff: false
    })
  })

  it("D6 has a result for a call that never finished: what it printed, and what became of it", () => {
    const error = { code: "Interrupted", message: "Cut off." }
    const cutOff = answered("a", "one", { status: "error", result: null, error })
    const before = [...begun("a"), stepOpened("a"), opened("a"), called("a", "one")]
    const resultOf = (...events: ReadonlyArray<ThreadEvent>) =>
      modelHistory(viewOf(...before, ...events, cutOff, closed("a", { status: "interrupted" })))[1]
    const result = { toolCallId: "one", name: "calculator", status: "error", error: "Cut off." }
    expect(resultOf()).toMatchObject({ toolResults: [{ ...result, result: null }] })
    expect(resultOf(printed("a", "one", "so far"))).toMatchObject({
      toolResults: [{ ...result, result: "so far" }]
    })
  })

  it("A10 shows people and models one order, in any history", () => {
    fc.assert(
      fc.property(arbitraryThread, (events) => {
        const view = foldThread(emptyThreadView(threadId), logged(events))
        const all = conversation(view).flatMap(({ messages }) => messages.map(({ messageId }) => messageId))
        // Nothing twice, and nothing lost that a standing turn holds or was asked by.
        expect(new Set(all).size).toBe(all.length)
        const standing = standingTurns(view)
        const expected = standing.flatMap((turn) => [
          turn.messageId,
          ...turn.messages.map(({ messageId }) => messageId)
        ])
        expect(new Set(all)).toEqual(new Set(expected))
        expect(said(view)).toEqual(all.filter((messageId) => said(view).includes(messageId)))
        // Each turn's question comes first in it, and answers stand in the log's order.
        for (const { messages, turn } of conversation(view))
          expect(messages[0]?.messageId).toBe(turn.messageId)
        const answers = conversation(view)
          .flatMap(({ messages }) => messages)
          .filter(({ role }) => role === "assistant")
          .map(({ openedAtVersion }) => openedAtVersion)
        expect(answers).toEqual(answers.toSorted((a, b) => a - b))
        // Those that wait come last, as they will start.
        const waiting = standing.filter(({ status }) => status === "queued").map(({ turnId }) => turnId)
        expect(standing.slice(standing.length - waiting.length).map(({ turnId }) => turnId)).toEqual(waiting)
        expect(waiting).toEqual(view.queue)
      }),
      { numRuns: 200 }
    )
  })
})
