import {
  type LiveFrame,
  type LoggedEvent,
  type ProviderRuntimeEvent,
  type ThreadId,
  DEFAULT_TENANT
} from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { LiveLane } from "./LiveLane.ts"
import { ProviderRuntimeIngestion } from "./ProviderRuntimeIngestion.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  committed,
  committedType,
  createThread,
  eventsOf,
  layerTestIngestion,
  startTurn,
  textOf,
  turnEnd,
  viewOf
} from "./testing/TestIngestion.ts"

const delta = (text: string, itemId = "a", kind: "text" | "reasoning" = "text"): ProviderRuntimeEvent => ({
  type: "text.delta",
  itemId,
  kind,
  delta: text
})

const segments = (events: ReadonlyArray<LoggedEvent>) =>
  events.flatMap((event) => (event.type === "thread.message-segment-appended" ? [event.data] : []))

/** Watches a thread's live lane from now on. */
const watch = Effect.fnUntraced(function* (threadId: ThreadId) {
  const live = yield* LiveLane
  const frames: Array<LiveFrame> = []
  const waiting = new Set<() => void>()
  frames.push(
    ...(yield* live.watch(DEFAULT_TENANT, threadId, {
      onFrame: (frame) => {
        frames.push(frame)
        for (const wake of waiting) wake()
      }
    }))
  )
  /** Waits until the frames fit. */
  const until = (fits: (frames: ReadonlyArray<LiveFrame>) => boolean) =>
    Effect.callback<void>((resume) => {
      const wake = () => {
        if (!fits(frames)) return
        waiting.delete(wake)
        resume(Effect.void)
      }
      waiting.add(wake)
      wake()
    })
  return { frames, until }
})

/** A turn whose step is open, ready for text. */
const openTurn = Effect.fnUntraced(function* (mode: "buffered" | "streaming" | "paragraph") {
  const puppet = yield* Puppet
  const threadId = yield* createThread
  const { turnId } = yield* startTurn(threadId, { assistantDeliveryMode: mode })
  const turn = yield* puppet.next
  const step = yield* turn.session.openStep({ model: null })
  return { threadId, turnId, turn, step, emit: turn.session.emit }
})

const complete = Effect.fnUntraced(function* (opened: Effect.Success<ReturnType<typeof openTurn>>) {
  yield* opened.emit({ type: "turn.completed" })
  expect(yield* turnEnd(opened.threadId, opened.turnId)).toBe("completed")
  return yield* eventsOf(opened.threadId)
})

layer(layerTestIngestion, { excludeTestServices: true })("delivery modes", (it) => {
  it.effect("T2 two threads with different modes, interleaved delta by delta, never affect each other", () =>
    Effect.gen(function* () {
      const { modes } = yield* ProviderRuntimeIngestion
      const before = modes.size
      const buffered = yield* openTurn("buffered")
      const streaming = yield* openTurn("streaming")
      const seen = {
        buffered: yield* watch(buffered.threadId),
        streaming: yield* watch(streaming.threadId)
      }
      expect(modes.size).toBe(before + 2)
      for (let i = 0; i < 20; i++) {
        yield* buffered.emit(delta(`b${i} `))
        yield* streaming.emit(delta(`s${i} `))
      }
      yield* seen.streaming.until((frames) =>
        frames
          .map((frame) => frame.text)
          .join("")
          .endsWith("s19 ")
      )
      const events = { buffered: yield* complete(buffered), streaming: yield* complete(streaming) }
      expect(seen.buffered.frames).toEqual([])
      expect(textOf(yield* viewOf(buffered.threadId))).toBe(
        Array.from({ length: 20 }, (_, i) => `b${i} `).join("")
      )
      expect(textOf(yield* viewOf(streaming.threadId))).toBe(
        Array.from({ length: 20 }, (_, i) => `s${i} `).join("")
      )
      expect(segments(events.buffered)).toHaveLength(1)
      // The refs of both are gone with their turns.
      expect(modes.size).toBe(before)
    }).pipe(Effect.scoped)
  )

  it.effect("T2 a queued turn keeps its own mode, and a retry keeps the mode of the turn it retries", () =>
    Effect.gen(function* () {
      const puppet = yield* Puppet
      const { modes } = yield* ProviderRuntimeIngestion
      const first = yield* openTurn("streaming")
      const { turnId: queued } = yield* startTurn(first.threadId, { assistantDeliveryMode: "paragraph" })
      expect(modes.modeOf(`default ${first.threadId}`)).toBe("streaming")
      yield* complete(first)
      const second = yield* puppet.next
      expect(second.input.turnId).toBe(queued)
      yield* second.session.openStep({ model: null })
      expect(modes.modeOf(`default ${first.threadId}`)).toBe("paragraph")
      yield* second.session.emit({ type: "turn.failed", error: { code: "Test", message: "on purpose" } })
      expect(yield* turnEnd(first.threadId, queued)).toBe("failed")
    })
  )

  it.effect("T3 a delta that comes the moment its turn starts is handled under that turn's mode", () =>
    Effect.gen(function* () {
      const puppet = yield* Puppet
      const threadId = yield* createThread
      const lane = yield* watch(threadId)
      const { turnId } = yield* startTurn(threadId, {
        assistantDeliveryMode: "streaming",
        choice: { runtime: "silent-steps" }
      })
      const turn = yield* puppet.next
      yield* turn.session.emit(delta("at once"))
      yield* lane.until((frames) => frames.length > 0)
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
      expect(lane.frames[0]).toMatchObject({ text: "at once", offset: 0, turnId })
    }).pipe(Effect.scoped)
  )

  it.effect("T4 buffered: nothing of the text is seen before completion or a boundary", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("buffered")
      const lane = yield* watch(opened.threadId)
      yield* opened.emit(delta("before "))
      yield* opened.emit(delta("the tool"))
      yield* opened.emit({ type: "tool-call.started", toolCallId: "call" as never, name: "look", input: {} })
      const call = yield* committedType(opened.threadId, "thread.tool-call-opened")
      const [segment] = segments(yield* eventsOf(opened.threadId))
      expect(segment).toMatchObject({ text: "before the tool", offset: 0 })
      expect(
        (yield* eventsOf(opened.threadId)).findIndex((e) => e.type === "thread.message-segment-appended")
      ).toBeLessThan(call.version - 1)
      yield* complete(opened)
      expect(lane.frames).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("T5 streaming: each delta is seen at once, and nothing twice when the segment follows", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("streaming")
      const lane = yield* watch(opened.threadId)
      const deltas = Array.from({ length: 30 }, (_, i) => `word ${i} `)
      for (const text of deltas) {
        yield* opened.emit(delta(text))
        yield* lane.until((frames) =>
          frames
            .map((frame) => frame.text)
            .join("")
            .endsWith(text)
        )
      }
      expect(lane.frames.map((frame) => frame.text)).toEqual(deltas)
      let end = 0
      for (const frame of lane.frames) {
        expect(frame.offset).toBe(end)
        end += frame.text.length
      }
      const events = yield* complete(opened)
      expect(
        segments(events)
          .map((segment) => segment.text)
          .join("")
      ).toBe(deltas.join(""))
    }).pipe(Effect.scoped)
  )

  for (const [length, cut] of [
    [23_999, "close"],
    [24_000, "close"],
    [24_001, "spill"]
  ] as const) {
    it.effect(`T6 ${length} code units are one segment, at the ${cut}`, () =>
      Effect.gen(function* () {
        const opened = yield* openTurn("buffered")
        const text = "abcdefghi ".repeat(2_401).slice(0, length)
        for (let at = 0; at < length; at += 1_000) yield* opened.emit(delta(text.slice(at, at + 1_000)))
        if (cut === "spill") yield* committedType(opened.threadId, "thread.message-segment-appended")
        else {
          yield* opened.emit({ type: "notice", level: "info", text: "a boundary" })
          yield* committedType(opened.threadId, "thread.activity-recorded")
        }
        const events = yield* complete(opened)
        expect(segments(events).map((segment) => segment.text)).toEqual([text])
      })
    )
  }

  it.effect("T6 one huge delta becomes consecutive segments of one commit, none above 256 KiB", () =>
    Effect.gen(function* () {
      for (const kind of ["text", "reasoning"] as const) {
        const opened = yield* openTurn("buffered")
        const text = "日本🚀".repeat(100_000)
        yield* opened.emit(delta(text, "a", kind))
        const events = yield* complete(opened)
        const found = events.filter((event) => event.type === "thread.message-segment-appended")
        expect(found.map((event) => event.data.text).join("")).toBe(text)
        expect(new Set(found.map((event) => event.at)).size).toBe(1)
        for (const event of found) {
          expect(Buffer.byteLength(JSON.stringify(event.data))).toBeLessThanOrEqual(256 * 1024)
          expect(event.data.text.isWellFormed()).toBe(true)
        }
      }
    })
  )

  it.effect("T6 a surrogate pair that is split over two deltas on the spill's edge stays whole", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("buffered")
      const text = `${"x".repeat(24_000)}🚀 done`
      yield* opened.emit(delta(text.slice(0, 24_001)))
      yield* opened.emit(delta(text.slice(24_001)))
      const events = yield* complete(opened)
      expect(
        segments(events)
          .map((segment) => segment.text)
          .join("")
      ).toBe(text)
      for (const segment of segments(events)) expect(segment.text.isWellFormed()).toBe(true)
    })
  )

  it.effect("T6 tool output spills as text does", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("buffered")
      yield* opened.emit({ type: "tool-call.started", toolCallId: "call" as never, name: "run", input: {} })
      const output = "tick\n".repeat(6_000)
      for (let at = 0; at < output.length; at += 500) {
        yield* opened.emit({
          type: "tool-call.output-delta",
          toolCallId: "call" as never,
          delta: output.slice(at, at + 500)
        })
      }
      yield* opened.emit({ type: "tool-call.completed", toolCallId: "call" as never, status: "completed" })
      const events = yield* complete(opened)
      const pieces = events.filter((event) => event.type === "thread.tool-call-output-appended")
      expect(pieces.map((event) => event.data.text).join("")).toBe(output)
      expect(pieces.length).toBe(2)
      expect(pieces[0]!.data.text.length).toBeGreaterThan(24_000)
    })
  )

  it.effect("T7 the close carries no text that a segment carried, and a second completion is a no-op", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("buffered")
      yield* opened.emit(delta("y".repeat(24_001)))
      yield* committedType(opened.threadId, "thread.message-segment-appended")
      yield* opened.emit({ type: "text.completed", itemId: "a", kind: "text", text: "y".repeat(24_001) })
      yield* opened.emit({ type: "step.finished", finishReason: "stop" })
      yield* opened.emit({ type: "step.finished", finishReason: "stop" })
      yield* opened.emit({ type: "turn.completed" })
      yield* Effect.ignore(opened.emit({ type: "turn.completed" }))
      expect(yield* turnEnd(opened.threadId, opened.turnId)).toBe("completed")
      const types = (yield* eventsOf(opened.threadId)).map((event) => event.type)
      expect(types.filter((type) => type === "thread.message-segment-appended")).toHaveLength(1)
      expect(types.filter((type) => type === "thread.message-closed")).toHaveLength(1)
      expect(types.filter((type) => type === "thread.turn-completed")).toHaveLength(1)
    })
  )

  it.effect(
    "T19 mid-message the mode can't change: a second start with another mode queues behind the first",
    () =>
      Effect.gen(function* () {
        const { modes } = yield* ProviderRuntimeIngestion
        const puppet = yield* Puppet
        const opened = yield* openTurn("buffered")
        const lane = yield* watch(opened.threadId)
        yield* opened.emit(delta("one "))
        const { turnId } = yield* startTurn(opened.threadId, { assistantDeliveryMode: "streaming" })
        yield* opened.emit(delta("two"))
        expect(modes.modeOf(`default ${opened.threadId}`)).toBe("buffered")
        yield* complete(opened)
        expect(lane.frames).toEqual([])
        const next = yield* puppet.next
        yield* next.finish
        expect(yield* turnEnd(opened.threadId, turnId)).toBe("completed")
      }).pipe(Effect.scoped)
  )

  it.effect("paragraph: segments are cut at blank lines, and the joined text is exact", () =>
    Effect.gen(function* () {
      const opened = yield* openTurn("paragraph")
      yield* opened.emit(delta("first paragraph\n\nsecond "))
      const cut = yield* committed(
        opened.threadId,
        (event) => event.type === "thread.message-segment-appended"
      )
      expect(cut.data).toMatchObject({ text: "first paragraph\n\n", offset: 0 })
      yield* opened.emit(delta("paragraph"))
      const events = yield* complete(opened)
      expect(
        segments(events)
          .map((segment) => segment.text)
          .join("")
      ).toBe("first paragraph\n\nsecond paragraph")
    })
  )
})
