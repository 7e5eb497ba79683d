import { describe, expect, it } from "@effect/vitest"
import {
  type ClientEvent,
  type DataOf,
  type LiveFrame,
  MessageId,
  PartId,
  RequestId,
  StepId,
  ThreadId,
  type ThreadEventType,
  ToolCallId,
  TurnId
} from "@spillway/contracts"
import * as fc from "fast-check"
import { invocation, waysToAnswer } from "./answering.ts"
import { noStyles } from "./output.ts"
import { TurnPrinter } from "./TurnPrinter.ts"

const threadId = ThreadId.make("t1")
const address = { messageId: MessageId.make("m"), turnId: TurnId.make("u"), stepId: StepId.make("u#0") }
const partId = PartId.make("p")

const event = <T extends ThreadEventType>(type: T, data: DataOf<T>): ClientEvent =>
  ({ type, data, threadId, version: 1, at: "", actor: "", tenant: "default" }) as unknown as ClientEvent

const segment = (offset: number, text: string, kind: "text" | "reasoning" = "text") =>
  event("thread.message-segment-appended", { ...address, partId, kind, offset, text })

const live = (offset: number, text: string): LiveFrame => ({
  threadId,
  ...address,
  partId,
  kind: "text",
  offset,
  text,
  afterVersion: 1
})

describe("TurnPrinter", () => {
  it("prints the text as it comes, and what came live not again from the log", () => {
    const printer = new TurnPrinter(noStyles)
    const out = [
      printer.live(live(0, "Hel")),
      printer.live(live(3, "lo")),
      printer.event(segment(0, "Hello")),
      printer.live(live(5, ", world")),
      printer.event(segment(5, ", world.")),
      printer.event(event("thread.turn-completed", { turnId: address.turnId, reason: "stop" }))
    ]
    expect(out.join("")).toBe("Hello, world.\n✓ completed\n")
    expect(out[2]).toBe("")
  })

  it("A3 whatever live frames are lost, late or repeated, the text is printed whole and once", () => {
    const text = "The quick brown fox jumps over the lazy dog."
    const frame = fc
      .tuple(fc.nat(text.length), fc.nat(12))
      .map(([from, length]) => live(from, text.slice(from, from + length)))
    fc.assert(
      fc.property(fc.array(frame), fc.array(frame), fc.nat(text.length), (before, after, cut) => {
        const printer = new TurnPrinter(noStyles)
        const out =
          before.map((frame) => printer.live(frame)).join("") +
          printer.event(segment(0, text.slice(0, cut))) +
          after.map((frame) => printer.live(frame)).join("") +
          printer.event(segment(cut, text.slice(cut)))
        expect(out).toBe(text)
      })
    )
  })

  it("prints tool calls with their results, and a new part on a line of its own", () => {
    const printer = new TurnPrinter(noStyles)
    const toolCallId = ToolCallId.make("c")
    const closed = { ...address, toolCallId, resultTruncated: false }
    const out = [
      segment(0, "Let me see"),
      event("thread.tool-call-opened", {
        ...address,
        partId: PartId.make("q"),
        toolCallId,
        name: "calculator",
        input: { expression: "1 + 1" },
        inputTruncated: false,
        providerExecuted: false
      }),
      event("thread.tool-call-closed", { ...closed, status: "completed", result: 2, error: null }),
      event("thread.tool-call-closed", {
        ...closed,
        status: "denied",
        result: null,
        error: { code: "Denied", message: "Not today." }
      }),
      event("thread.step-closed", {
        turnId: address.turnId,
        stepId: address.stepId,
        usage: { inputTokens: 3, outputTokens: 4 },
        finishReason: "stop",
        responseId: null
      }),
      event("thread.turn-failed", {
        turnId: address.turnId,
        reason: "error",
        error: { code: "Overloaded", message: "Too much." }
      })
    ].map((event) => printer.event(event))
    expect(out.join("")).toBe(
      [
        "Let me see",
        'calculator {"expression":"1 + 1"}',
        "→ calculator 2",
        "→ calculator denied Not today.",
        "✗ failed: Too much. (Overloaded)  1 step, 3 tokens in, 4 out",
        ""
      ].join("\n")
    )
  })
})

describe("the way to answer a request", () => {
  it("is a command line that can be pasted", () => {
    // As this very run was called: `npm test`, or vitest by itself.
    const program = invocation()
    const asked = { requestId: RequestId.make("r'1$x"), kind: "approval", title: "", questions: [] } as const
    expect(waysToAnswer(threadId, asked, ["--url", "ws://h:1"])).toEqual([
      `${program} respond --url ws://h:1 --thread t1 --request 'r'\\''1$x' --approve`,
      `${program} respond --url ws://h:1 --thread t1 --request 'r'\\''1$x' --deny`
    ])
    const questions = [
      { id: "color", question: "Which?", options: ["red", "blue"] },
      { id: "why", question: "Why?" }
    ]
    expect(
      waysToAnswer(threadId, { ...asked, requestId: RequestId.make("0"), kind: "input", questions })
    ).toEqual([`${program} respond --thread t1 --request 0 --answer color=red --answer 'why=…'`])
  })
})
