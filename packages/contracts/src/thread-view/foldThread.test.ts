import { Schema } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { PartId } from "../Ids.ts"
import { arbitraryThread } from "../testing/arbitraryThread.ts"
import {
  answered,
  asked,
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
  resolved,
  segment,
  sent,
  sessionOpened,
  started,
  stepClosed,
  stepOpened,
  threadId
} from "../testing/threadEvents.ts"
import { isTurnEnd } from "../ThreadEvent.ts"
import { emptyThreadView, foldThread } from "./foldThread.ts"
import { ThreadView } from "./ThreadView.ts"
import { timeline } from "./timeline.ts"

const nothing = emptyThreadView(threadId)
const viewOf = (...events: Parameters<typeof logged>[0]) => foldThread(nothing, logged(events))
const speaking = [created, ...begun("a"), stepOpened("a"), opened("a")] as const

const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

describe("the fold of a thread", () => {
  it("A1 is the same from a snapshot at any version and the events after it as from all events", () => {
    fc.assert(
      fc.property(arbitraryThread, (events) => {
        const log = frozen(logged(events))
        const whole = foldThread(nothing, log)
        for (let k = 0; k <= log.length; k++) {
          const sent = JSON.stringify(foldThread(nothing, log.slice(0, k)))
          const snapshot = frozen(JSON.parse(sent) as ThreadView)
          expect(foldThread(snapshot, log.slice(k))).toEqual(whole)
        }
      }),
      { numRuns: 40 }
    )
  })

  it("A1 is the same however the events are cut into batches, and never changes a view that was handed out", () => {
    fc.assert(
      fc.property(
        arbitraryThread,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (events, cuts) => {
          const log = logged(events)
          let view = frozen(nothing)
          for (let at = 0, i = 0; at < log.length; i++) {
            const to = at + cuts[i % cuts.length]!
            view = frozen(foldThread(view, log.slice(at, to)))
            at = to
          }
          expect(view).toEqual(foldThread(nothing, log))
        }
      ),
      { numRuns: 100 }
    )
  })

  it("A1 skips what it has seen, and refuses to fold over a gap", () => {
    fc.assert(
      fc.property(arbitraryThread, fc.nat(), fc.nat(), (events, i, j) => {
        const log = logged(events)
        const [from, to] = [i % log.length, j % log.length].sort((a, b) => a - b) as [number, number]
        const seen = foldThread(nothing, log.slice(0, to))
        expect(foldThread(seen, log.slice(from))).toEqual(foldThread(nothing, log))
      }),
      { numRuns: 100 }
    )
    expect(() => foldThread(nothing, logged([created], 1))).toThrow(/version 2 .* does not follow 0/)
  })

  it("keeps the identity of what an event does not touch, and of the view when nothing is new", () => {
    const view = viewOf(created, ...begun("a"), ended("a"), ...begun("b"), stepOpened("b"), opened("b"))
    const next = foldThread(view, logged([segment("b", "Hello")], view.version))
    expect(next.turns[0]).toBe(view.turns[0])
    expect(next.turns[1]).not.toBe(view.turns[1])
    expect(next.turns[1]?.messages[0]).toBe(view.turns[1]?.messages[0])
    expect(foldThread(view, [])).toBe(view)
    expect(foldThread(view, logged([created]))).toBe(view)
  })

  it("A1 is plain JSON of the shape that snapshots have", () => {
    const decode = Schema.decodeUnknownSync(ThreadView)
    fc.assert(
      fc.property(arbitraryThread, (events) => {
        const view = foldThread(nothing, logged(events))
        expect(decode(JSON.parse(JSON.stringify(view)))).toEqual(view)
      }),
      { numRuns: 40 }
    )
  })

  it("A2 shows no message as closed without the text, the status and the error it closed with", () => {
    fc.assert(
      fc.property(arbitraryThread, (events) => {
        const log = logged(events)
        const final = new Map(
          foldThread(nothing, log)
            .turns.flatMap((turn) => turn.messages)
            .map((message) => [message.messageId, message])
        )
        let view = nothing
        for (const event of log) {
          view = foldThread(view, [event])
          for (const message of view.turns.flatMap((turn) => turn.messages)) {
            if (message.status === "open") continue
            const { error, parts, status } = final.get(message.messageId)!
            expect(message).toMatchObject({ status, error })
            expect(message.parts.map((part) => (part.type === "tool-call" ? part.input : part.text))).toEqual(
              parts.map((part) => (part.type === "tool-call" ? part.input : part.text))
            )
          }
        }
      }),
      { numRuns: 40 }
    )
  })

  it("V8 shows an open message as in progress, from its first event to its last", () => {
    const view = viewOf(...speaking)
    expect(timeline(view).at(-1)).toMatchObject({
      messageId: messageOf("a"),
      status: "open",
      parts: [],
      closedAt: null
    })
    const writing = viewOf(...speaking, segment("a", "Hello"))
    expect(timeline(writing).at(-1)).toMatchObject({
      status: "open",
      parts: [{ type: "text", text: "Hello" }]
    })
    const done = viewOf(...speaking, segment("a", "Hello"), closed("a"))
    expect(timeline(done).at(-1)).toMatchObject({
      status: "completed",
      closedAt: expect.stringMatching(/^1970/)
    })
  })

  it("V8 never shows a message that stayed empty", () => {
    expect(
      timeline(viewOf(...speaking, closed("a", { status: "discarded" }))).map(({ role }) => role)
    ).toEqual(["user"])
  })

  it("V10 adds text to the message that is named, wherever it stands and whoever writes meanwhile", () => {
    const view = viewOf(
      ...speaking,
      opened("a", 0, 1),
      segment("a", "one "),
      segment("a", "other", { messageId: messageOf("a", 0, 1) }),
      requested("b"),
      sent("b"),
      queued("b"),
      segment("a", "two", { offset: 4 })
    )
    const texts = timeline(view).map(({ messageId, parts }) => [
      messageId,
      parts.map((part) => "text" in part && part.text)
    ])
    expect(texts).toEqual([
      ["a/ask", ["ask a"]],
      [messageOf("a"), ["one two"]],
      [messageOf("a", 0, 1), ["other"]],
      ["b/ask", ["ask b"]]
    ])
  })

  it("A9 keeps errors of messages, tool calls and turns over a reload", () => {
    const error = { code: "Overloaded", message: "Come back later.", retryable: true }
    const view = viewOf(
      ...speaking,
      called("a", "one"),
      answered("a", "one", { status: "error", result: null, error }),
      closed("a", { status: "error", error }),
      ended("a", "failed", error)
    )
    const [turn] = Schema.decodeUnknownSync(ThreadView)(JSON.parse(JSON.stringify(view))).turns
    expect(turn).toMatchObject({ status: "failed", reason: "end", error })
    expect(turn?.messages[1]).toMatchObject({ status: "error", error, parts: [{ status: "error", error }] })
  })

  it("A12 keeps an answered request answered while the next step streams", () => {
    const view = viewOf(
      ...speaking,
      asked("a", "0"),
      resolved("a", "0"),
      stepClosed("a"),
      stepOpened("a", 1),
      opened("a", 1)
    )
    expect(view.turns[0]?.requests).toMatchObject([
      { requestId: "0", status: "resolved", response: { type: "approval", decision: "approve" } }
    ])
  })

  it("A16 keeps usage, finish reason and the provider's response id of each step", () => {
    const aborted = { usage: { inputTokens: 3 }, finishReason: "aborted", responseId: null }
    const view = viewOf(
      ...speaking,
      stepClosed("a"),
      stepOpened("a", 1),
      stepClosed("a", 1, aborted),
      ended("a", "interrupted")
    )
    expect(view.turns[0]?.steps).toEqual([
      {
        stepId: "a#0",
        status: "closed",
        usage: { outputTokens: 7 },
        finishReason: "stop",
        responseId: "response"
      },
      { stepId: "a#1", status: "closed", ...aborted }
    ])
  })

  it("T14 knows the active turn from its start to its end", () => {
    fc.assert(
      fc.property(arbitraryThread, (events) => {
        let view = nothing
        let active: string | null = null
        for (const event of logged(events)) {
          view = foldThread(view, [event])
          if (event.type === "thread.turn-started") active = event.data.turnId
          if (isTurnEnd(event)) active = null
          expect(view.activeTurnId).toBe(active)
          const running = view.turns.filter((turn) => turn.status === "active").map((turn) => turn.turnId)
          expect(running).toEqual(active === null ? [] : [active])
        }
      }),
      { numRuns: 40 }
    )
  })

  it("knows what was asked of a turn: an interrupt, the front of the queue, removal from it", () => {
    const view = viewOf(
      created,
      ...begun("a"),
      sessionOpened("a"),
      requested("b"),
      sent("b"),
      queued("b"),
      interruptRequested("a"),
      requested("c"),
      sent("c"),
      queued("c", { front: true })
    )
    expect(view).toMatchObject({
      activeTurnId: "a",
      queue: ["c", "b"],
      turns: [{ interruptRequested: true }, {}, {}]
    })
    const removed = foldThread(view, logged([ended("b", "interrupted")], view.version))
    expect(removed).toMatchObject({ activeTurnId: "a", queue: ["c"] })
    expect(
      foldThread(removed, logged([ended("a", "interrupted"), started("c")], removed.version))
    ).toMatchObject({
      activeTurnId: "c",
      queue: []
    })
  })

  it("keeps what a tool prints apart from its result", () => {
    const view = viewOf(
      ...speaking,
      called("a", "one"),
      printed("a", "one", "abc"),
      printed("a", "one", "def", { offset: 3, truncated: true }),
      answered("a", "one")
    )
    expect(view.turns[0]?.messages[1]?.parts).toMatchObject([
      {
        partId: PartId.make("call-one"),
        output: "abcdef",
        outputTruncated: true,
        result: "result of one",
        status: "completed"
      }
    ])
  })

  it("knows the thread's own life", () => {
    const [archived, unarchived, deleted] = (["archived", "unarchived", "deleted"] as const).map(
      (status) => ({ type: `thread.${status}`, data: {} }) as const
    )
    const made = { type: "thread.created", data: { title: "Plans", metadata: { a: 1 } } } as const
    expect(viewOf(made)).toMatchObject({ status: "active", title: "Plans", metadata: { a: 1 }, version: 1 })
    expect(viewOf(made, { type: "thread.updated", data: { title: "New" } })).toMatchObject({
      title: "New",
      metadata: { a: 1 }
    })
    expect(viewOf(made, { type: "thread.updated", data: { metadata: {} } })).toMatchObject({
      title: "Plans",
      metadata: {}
    })
    expect(viewOf(made, archived!).status).toBe("archived")
    expect(viewOf(made, archived!, unarchived!).status).toBe("active")
    expect(viewOf(made, deleted!).status).toBe("deleted")
  })
})
