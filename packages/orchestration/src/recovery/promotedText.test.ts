import { type EventOf, MessageId, PartId, ToolCallId } from "@spillway/contracts"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { UnflushedText } from "../EventLog.ts"
import { append, call, closeCall, closeMessage, messageOf, output, running } from "../testing/commands.ts"
import { eventsOf, stateAfter } from "../testing/scenario.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import { promotedText } from "./promotedText.ts"

const messageId = messageOf("a")
const address = {
  messageId,
  partId: PartId.make("text"),
  kind: "text",
  itemId: "item",
  toolCallId: null,
  resumesAt: 0
} as const
const outputAddress = {
  messageId,
  partId: PartId.make("call-1"),
  kind: "tool-output",
  itemId: null,
  toolCallId: ToolCallId.make("1"),
  resumesAt: 0
} as const

/** Pieces in the order of their numbers. */
const pieces = (...all: ReadonlyArray<Omit<UnflushedText, "ordinal">>): ReadonlyArray<UnflushedText> =>
  all.map((piece, ordinal) => ({ ordinal, ...piece }))

const promoted = (before: ReadonlyArray<ThreadCommand>, checkpoint: ReadonlyArray<UnflushedText>) =>
  promotedText(stateAfter(eventsOf(...running("a"), ...before)).active!, checkpoint)

describe("promoting the text of a checkpoint", () => {
  it("A7 takes what lies beyond the durable length, as one piece, also where pieces reach over it", () => {
    const checkpoint = pieces(
      { ...address, offset: 0, text: "before, " },
      { ...address, offset: 8, text: "across, " },
      { ...address, offset: 16, text: "beyond" }
    )
    expect(promoted([], checkpoint)).toEqual([append(messageId, "before, across, beyond")])
    expect(promoted([append(messageId, "before, acr")], checkpoint)).toEqual([
      append(messageId, "oss, beyond", { offset: 11 })
    ])
    expect(promoted([append(messageId, "before, across, beyond")], checkpoint)).toEqual([])
  })

  it("A7 takes the output of a tool that still runs, and each part's own text", () => {
    const reasoning = { ...address, partId: PartId.make("thought"), kind: "reasoning" } as const
    const checkpoint = pieces(
      { ...reasoning, offset: 0, text: "hm" },
      { ...outputAddress, offset: 0, text: "tick " },
      { ...address, offset: 0, text: "hello" },
      { ...outputAddress, offset: 5, text: "tock" }
    )
    expect(promoted([call(messageId, "1"), output("1", "ti")], checkpoint)).toEqual([
      append(messageId, "hm", { partId: PartId.make("thought"), kind: "reasoning" }),
      output("1", "ck tock", { offset: 2 }),
      append(messageId, "hello")
    ])
  })

  it("leaves text whose message or tool call is closed, or was never opened", () => {
    const checkpoint = pieces(
      { ...address, offset: 0, text: "late" },
      { ...outputAddress, offset: 0, text: "late" },
      { ...address, messageId: MessageId.make("unknown"), offset: 0, text: "lost" }
    )
    expect(promoted([call(messageId, "1"), closeCall("1"), closeMessage(messageId)], checkpoint)).toEqual([])
  })

  it("takes nothing from behind a hole: text must not move", () => {
    const checkpoint = pieces({ ...address, offset: 0, text: "abc" }, { ...address, offset: 4, text: "efg" })
    expect(promoted([], checkpoint)).toEqual([append(messageId, "abc")])
    expect(promoted([append(messageId, "abcd")], checkpoint)).toEqual([
      append(messageId, "efg", { offset: 4 })
    ])
  })

  it("T21 whatever of a text is durable and however it was kept, text and promotion are what was known", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), fc.nat(60), fc.boolean(), (whole, cuts, durable, stale) => {
        const ends = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].toSorted((a, b) => a - b)
        const kept = ends.at(-1) ?? 0
        const all = ends.map((end, i) => {
          const offset = ends[i - 1] ?? 0
          return { ...address, offset, text: whole.slice(offset, end) }
        })
        // Numbers start again at 0 once segments hold all of them.
        const flushed = all.filter(({ offset, text }) => offset + text.length <= durable)
        const left = stale ? [...all.slice(flushed.length), ...flushed] : all
        const before = whole.slice(0, durable)
        const commands = before === "" ? [] : [append(messageId, before)]
        const after = eventsOf(...running("a"), ...commands, ...promoted(commands, pieces(...left)))
        const segments = after.filter(
          (event): event is EventOf<"thread.message-segment-appended"> =>
            event.type === "thread.message-segment-appended"
        )
        expect(segments.map(({ data }) => data.text).join("")).toBe(
          whole.slice(0, Math.max(before.length, kept))
        )
        expect(promotedText(stateAfter(after).active!, pieces(...left))).toEqual([])
      }),
      { numRuns: 2_000 }
    )
  })
})
