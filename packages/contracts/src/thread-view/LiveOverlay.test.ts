import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ClientEvent } from "../Envelope.ts"
import { PartId } from "../Ids.ts"
import type { LiveFrame } from "../LiveFrame.ts"
import {
  answered,
  begun,
  called,
  closed,
  created,
  ended,
  frame,
  logged,
  messageOf,
  opened,
  printed,
  segment,
  stepOpened,
  threadId
} from "../testing/threadEvents.ts"
import type { ThreadEvent } from "../ThreadEvent.ts"
import { emptyThreadView, foldThread } from "./foldThread.ts"
import { emptyOverlay, type LiveOverlay, overlayEvent, overlayFrame, withOverlay } from "./LiveOverlay.ts"
import type { MessageView, Part, ThreadView } from "./ThreadView.ts"

/** A client: the view it folds, and what it laid over. */
interface Screen {
  readonly view: ThreadView
  readonly overlay: LiveOverlay
}

type Item = { readonly event: ClientEvent } | { readonly frame: LiveFrame }

const blank: Screen = { view: emptyThreadView(threadId), overlay: emptyOverlay }

const see = ({ overlay, view }: Screen, item: Item): Screen =>
  "event" in item
    ? { view: foldThread(view, [item.event]), overlay: overlayEvent(overlay, item.event) }
    : { view, overlay: overlayFrame(overlay, view, item.frame) }

const screenOf = (...events: ReadonlyArray<ThreadEvent>): Screen =>
  logged(events).reduce<Screen>((screen, event) => see(screen, { event }), blank)

const show = (screen: Screen, ...frames: ReadonlyArray<LiveFrame>): Screen =>
  frames.reduce<Screen>((screen, frame) => see(screen, { frame }), screen)

const add = (screen: Screen, ...events: ReadonlyArray<ThreadEvent>): Screen =>
  logged(events, screen.view.version).reduce<Screen>((screen, event) => see(screen, { event }), screen)

const messagesOf = ({ view }: Screen): ReadonlyArray<MessageView> =>
  view.turns.flatMap((turn) => turn.messages)

const partsOf = (screen: Screen, messageId = messageOf("a")): ReadonlyArray<Part> =>
  messagesOf(screen)
    .filter((message) => message.messageId === messageId)
    .flatMap((message) => withOverlay(screen.overlay, message))

const textOf = (part: Part): string => (part.type === "tool-call" ? part.output : part.text)
const textsOf = (screen: Screen): ReadonlyArray<string> => partsOf(screen).map(textOf)

const speaking = [created, ...begun("a"), stepOpened("a"), opened("a")] as const
const output = (text: string, offset = 0): LiveFrame =>
  frame("a", text, { partId: PartId.make("call-one"), kind: "tool-output", offset })

describe("live text over a view", () => {
  it("T5 shows each delta at once, and nothing twice when its segment follows", () => {
    const live = show(screenOf(...speaking), frame("a", "Hel"), frame("a", "lo", { offset: 3 }))
    expect(textsOf(live)).toEqual(["Hello"])
    const durable = add(live, segment("a", "Hell"))
    expect(textsOf(durable)).toEqual(["Hello"])
    expect(textsOf(show(durable, frame("a", ", you", { offset: 5 })))).toEqual(["Hello, you"])
    expect(textsOf(add(durable, segment("a", "o and more", { offset: 4 })))).toEqual(["Hello and more"])
  })

  it("trims what overlaps, and ignores what leaves a gap or adds nothing", () => {
    const screen = show(screenOf(...speaking, segment("a", "Hello")), frame("a", "lo, w", { offset: 3 }))
    expect(textsOf(screen)).toEqual(["Hello, w"])
    expect(show(screen, frame("a", "ld", { offset: 10 }))).toEqual(screen)
    expect(show(screen, frame("a", "Hel"))).toEqual(screen)
    expect(show(screen, frame("a", "", { offset: 8 }))).toEqual(screen)
    expect(textsOf(show(screen, frame("a", "world", { offset: 7 })))).toEqual(["Hello, world"])
  })

  it("goes on at the durable end when frames in between were lost", () => {
    const screen = add(show(screenOf(...speaking), frame("a", "Hel")), segment("a", "Hello, wor"))
    expect(textsOf(show(screen, frame("a", "ld", { offset: 10 })))).toEqual(["Hello, world"])
  })

  it("V7 makes one message of a snapshot and a delta, whichever is first", () => {
    const early = add(show(blank, frame("a", "Hel")), ...speaking)
    expect(textsOf(early)).toEqual([])
    const late = show(early, frame("a", "Hello"))
    expect(textsOf(late)).toEqual(["Hello"])
    expect(messagesOf(late).map(({ messageId }) => messageId)).toEqual(["a/ask", messageOf("a")])
    expect(partsOf(add(late, segment("a", "Hello"), closed("a")))).toEqual([
      { type: "text", partId: "text", text: "Hello" }
    ])
  })

  it("V10 gives each frame to the part of the message that it names", () => {
    const other = messageOf("a", 0, 1)
    const screen = show(
      screenOf(...speaking, opened("a", 0, 1)),
      frame("a", "one"),
      frame("a", "other", { messageId: other }),
      frame("a", "hm", { partId: PartId.make("thought"), kind: "reasoning" }),
      frame("a", " two", { offset: 3 })
    )
    expect(partsOf(screen)).toEqual([
      { type: "text", partId: "text", text: "one two" },
      { type: "reasoning", partId: "thought", text: "hm" }
    ])
    expect(partsOf(screen, other)).toEqual([{ type: "text", partId: "text", text: "other" }])
  })

  it("A4 starts again from the whole tail after a reconnect, and shows nothing twice", () => {
    const before = show(screenOf(...speaking, segment("a", "Hello")), frame("a", ", wor", { offset: 5 }))
    const back: Screen = { view: before.view, overlay: emptyOverlay }
    expect(textsOf(back)).toEqual(["Hello"])
    const tail = show(back, frame("a", ", world", { offset: 5 }))
    expect(textsOf(tail)).toEqual(["Hello, world"])
    expect(textsOf(show(tail, frame("a", "ld", { offset: 10 }), frame("a", "!", { offset: 12 })))).toEqual([
      "Hello, world!"
    ])
  })

  it("A6 shows a late subscriber the text so far, then the rest", () => {
    const snapshot = JSON.parse(
      JSON.stringify(screenOf(...speaking, segment("a", "Hello")).view)
    ) as ThreadView
    const tail = show({ view: snapshot, overlay: emptyOverlay }, frame("a", ", wor", { offset: 5 }))
    expect(textsOf(tail)).toEqual(["Hello, wor"])
    expect(textsOf(show(tail, frame("a", "ld", { offset: 10 })))).toEqual(["Hello, world"])
    expect(textsOf(add(tail, segment("a", ", world", { offset: 5 }), closed("a")))).toEqual(["Hello, world"])
  })

  it("A2 drops what was live when the message closes: the log's text stands alone", () => {
    const screen = add(
      show(screenOf(...speaking), frame("a", "Hello, world")),
      segment("a", "Hello"),
      closed("a")
    )
    expect(textsOf(screen)).toEqual(["Hello"])
    expect(screen.overlay.messages.size).toBe(0)
    expect(show(screen, frame("a", ", late", { offset: 5 }))).toEqual(screen)
  })

  it("shows what a tool prints until it closes, also after its message", () => {
    const running = show(screenOf(...speaking, called("a", "one")), output("ab"))
    expect(textsOf(running)).toEqual(["ab"])
    const spoken = show(add(running, printed("a", "one", "a"), closed("a")), output("cd", 2))
    expect(textsOf(spoken)).toEqual(["abcd"])
    const done = add(spoken, answered("a", "one"))
    expect(textsOf(done)).toEqual(["a"])
    expect(textsOf(show(done, output("bcd", 1)))).toEqual(["a"])
    expect(add(done, ended("a")).overlay.messages.size).toBe(0)
  })

  it("shows the input of a call only once it is complete", () => {
    const input = frame("a", '{"expr', {
      partId: PartId.make("call-one"),
      kind: "tool-input",
      name: "calculator"
    })
    const typing = show(screenOf(...speaking), input)
    expect(partsOf(typing)).toEqual([])
    expect([...typing.overlay.messages.get(messageOf("a"))!.values()]).toMatchObject([
      { name: "calculator", text: '{"expr' }
    ])
    const called_ = show(add(typing, called("a", "one")), { ...input, offset: 6, text: 'ession"' })
    expect(partsOf(called_)).toMatchObject([
      { type: "tool-call", output: "", input: { expression: "1 + 1" } }
    ])
  })

  it("ignores a frame that takes a part for another kind", () => {
    const screen = screenOf(...speaking, segment("a", "Hello"), called("a", "one"))
    expect(show(screen, frame("a", "Hello, world", { kind: "reasoning" }))).toEqual(screen)
    expect(show(screen, frame("a", "x", { partId: PartId.make("call-one") }))).toEqual(screen)
  })
})

const parts = [
  { partId: PartId.make("text"), kind: "text" },
  { partId: PartId.make("thought"), kind: "reasoning" },
  { partId: PartId.make("call-one"), kind: "tool-output" }
] as const

interface Delta {
  readonly part: number
  readonly text: string
  /** A segment with all that is not durable yet follows. */
  readonly flush: boolean
  /** What becomes of the frame on its way: it is lost, comes again, or changes places. */
  readonly lost: boolean
  readonly again: number | null
  readonly shift: number
  /** The client reconnects after it, and gets the tail. */
  readonly reconnect: boolean
}

const arbitraryDelta: fc.Arbitrary<Delta> = fc.record({
  part: fc.nat(2),
  text: fc.constantFrom("a", "bc", "def ", "👋", "\n\n", "ghijk"),
  flush: fc.boolean(),
  lost: fc.boolean(),
  again: fc.option(fc.nat(9)),
  shift: fc.integer({ min: -6, max: 6 }),
  reconnect: fc.constantFrom(false, false, false, true)
})

const durableOf = (part: number, text: string, offset: number): ThreadEvent => {
  const { kind, partId } = parts[part]!
  return kind === "tool-output"
    ? printed("a", "one", text, { offset })
    : segment("a", text, { partId, kind, offset })
}

/** What the server sends for the deltas, in order, and the whole text of each part. */
const lane = (deltas: ReadonlyArray<Delta>) => {
  const said = ["", "", ""]
  const durable = [0, 0, 0]
  const events: Array<ThreadEvent> = [...speaking, called("a", "one")]
  const items: Array<Item & { readonly delta?: Delta; readonly tail?: ReadonlyArray<LiveFrame> }> = logged(
    events
  ).map((event) => ({ event }))
  const log = (event: ThreadEvent) => {
    items.push(...logged([event], events.length).map((event) => ({ event })))
    events.push(event)
  }
  const flush = (part: number) => {
    if (durable[part] === said[part]!.length) return
    log(durableOf(part, said[part]!.slice(durable[part]), durable[part]!))
    durable[part] = said[part]!.length
  }
  for (const delta of deltas) {
    const offset = said[delta.part]!.length
    said[delta.part] += delta.text
    const tail = parts.map((part, i) =>
      frame("a", said[i]!.slice(durable[i]), { ...part, offset: durable[i]! })
    )
    items.push({ frame: frame("a", delta.text, { ...parts[delta.part]!, offset }), delta, tail })
    if (delta.flush) flush(delta.part)
  }
  for (const part of parts.keys()) flush(part)
  log(answered("a", "one"))
  log(closed("a"))
  log(ended("a"))
  return { items, events: logged(events), said }
}

const truths = (said: ReadonlyArray<string>) =>
  new Map(parts.map(({ partId }, i) => [partId as string, said[i]!]))

describe("any live frames over a view", () => {
  it("T5 show all that was said, and no more, when every frame arrives in its place", () => {
    fc.assert(
      fc.property(fc.array(arbitraryDelta, { maxLength: 40 }), (deltas) => {
        const said = new Map<string, string>()
        let screen = blank
        for (const item of lane(deltas).items) {
          screen = see(screen, item)
          if ("frame" in item)
            said.set(item.frame.partId, (said.get(item.frame.partId) ?? "") + item.frame.text)
          for (const part of partsOf(screen)) expect(textOf(part)).toBe(said.get(part.partId) ?? "")
        }
      }),
      { numRuns: 150 }
    )
  })

  it("A3 lost, late, early or repeated: never a wrong character on the way, and the same view at the end", () => {
    fc.assert(
      fc.property(fc.array(arbitraryDelta, { maxLength: 40, size: "max" }), (deltas) => {
        const { events, items, said } = lane(deltas)
        const placed = items.flatMap(
          (item, i): ReadonlyArray<{ readonly at: number; readonly item: Item }> => {
            if (!("frame" in item) || item.delta === undefined) return [{ at: i, item }]
            const { again, lost, shift } = item.delta
            return [
              ...(lost ? [] : [{ at: i + shift + 0.5, item }]),
              // Again by itself, and once more in a whole tail that comes late.
              ...(again === null
                ? []
                : [item, ...(item.tail ?? []).map((frame) => ({ frame }))].map((item) => ({
                    at: i + again + 0.5,
                    item
                  })))
            ]
          }
        )
        const truth = truths(said)
        let screen = blank
        for (const { item } of placed.sort((a, b) => a.at - b.at)) {
          screen = see(screen, item)
          const durable = new Map(
            partsOf({ ...screen, overlay: emptyOverlay }).map((part) => [part.partId, textOf(part)])
          )
          for (const part of partsOf(screen)) {
            expect(truth.get(part.partId)?.startsWith(textOf(part))).toBe(true)
            expect(textOf(part).startsWith(durable.get(part.partId) ?? "")).toBe(true)
          }
        }
        expect(screen).toEqual({ view: foldThread(blank.view, events), overlay: emptyOverlay })
      }),
      { numRuns: 300 }
    )
  })

  it("A4 show all that was said right after each reconnect, whatever was lost before it", () => {
    fc.assert(
      fc.property(fc.array(arbitraryDelta, { maxLength: 40, size: "max" }), (deltas) => {
        const said = new Map<string, string>()
        let screen = blank
        for (const item of lane(deltas).items) {
          if ("frame" in item)
            said.set(item.frame.partId, (said.get(item.frame.partId) ?? "") + item.frame.text)
          if (item.delta?.reconnect && item.tail !== undefined) {
            const view = JSON.parse(JSON.stringify(screen.view)) as ThreadView
            screen = show({ view, overlay: emptyOverlay }, ...item.tail)
            for (const part of partsOf(screen)) expect(textOf(part)).toBe(said.get(part.partId) ?? "")
          } else if (!item.delta?.lost) screen = see(screen, item)
        }
      }),
      { numRuns: 150 }
    )
  })

  it("A14 have the ids that the final view has, so that nothing is mounted anew", () => {
    fc.assert(
      fc.property(fc.array(arbitraryDelta, { maxLength: 40 }), (deltas) => {
        const { events, items } = lane(deltas)
        const idsOf = (screen: Screen): ReadonlyArray<readonly [string, ReadonlyArray<string>]> =>
          messagesOf(screen).map((message) => [
            message.messageId,
            withOverlay(screen.overlay, message).map((part) => part.partId)
          ])
        const final = new Map(idsOf(screenOf(...events)))
        let screen = blank
        for (const item of items) {
          screen = see(screen, item)
          for (const [messageId, partIds] of idsOf(screen)) {
            for (const partId of partIds) expect(final.get(messageId)).toContain(partId)
          }
        }
        expect(idsOf(screen)).toEqual([...final])
      }),
      { numRuns: 100 }
    )
  })
})
