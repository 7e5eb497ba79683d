/** What a whole engine tells a tracer: commands, appends and turns, over several processes. */
import { describe, expect, it } from "@effect/vitest"
import { type ClientCommand, CommandId, ThreadId } from "@spillway/contracts"
import { Effect, Layer, Metric, Stream, Tracer } from "effect"
import { vi } from "vitest"
import * as Memory from "../memory/Memory.ts"
import { MemoryStore } from "../memory/MemoryEventLog.ts"
import { Publisher } from "../Publisher.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import {
  claim,
  closeTurn,
  create,
  interrupt,
  openMessage,
  openStep,
  remove,
  respond,
  approve,
  start,
  update
} from "../testing/commands.ts"
import { type RecordedSpan, recordingTracer, treeOf } from "../testing/recordingTracer.ts"
import { layerTestEngine, origin, sendable, uniqueId } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { turnContext } from "./spanContext.ts"
import { TracingSettings } from "./Tracing.ts"

/** One process on the store, which has told its tracer everything when the effect is over. */
const inProcess = (tracer: Layer.Layer<never>) =>
  Effect.provide(
    ThreadEngine.layer.pipe(
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(Memory.layerOnStore),
      Layer.provideMerge(tracer),
      Layer.provideMerge(Layer.sync(Metric.MetricRegistry, () => new Map())),
      Layer.fresh
    )
  )

const onOneStore = Effect.provide(MemoryStore.layer)

const send = Effect.fnUntraced(function* (threadId: string, command: ClientCommand, commandId?: string) {
  const engine = yield* ThreadEngine
  const sent = sendable(command, { threadId, ...(commandId === undefined ? {} : { commandId }) })
  return yield* engine.dispatch(origin, sent)
})

const ingest = Effect.fnUntraced(function* (threadId: string, ...commands: ReadonlyArray<ThreadCommand>) {
  const engine = yield* ThreadEngine
  const outcome = yield* engine.ingest({
    tenant: origin.tenant,
    threadId: ThreadId.make(threadId),
    actor: "runtime:scripted",
    commands: commands as never,
    cursor: null
  })
  expect(outcome._tag).toBe("Committed")
})

const runs = [openStep("a"), openMessage("a")] as const

const traceOf = (spans: ReadonlyArray<RecordedSpan>, name: string) => {
  const traceId = spans.find((span) => span.name === name)?.traceId
  return spans.filter((span) => span.traceId === traceId)
}

describe("without a tracer", () => {
  it.live("a command makes no span on its way into Postgres and out to those who follow", () =>
    Effect.gen(function* () {
      const publisher = yield* Publisher
      yield* send("one", create())
      const made = vi.spyOn(Tracer.nativeTracer, "span")
      yield* Effect.ensuring(
        Effect.gen(function* () {
          const after = publisher.head()
          yield* Effect.forEach([1, 2, 3], (n) => send("one", update({ title: String(n) })))
          yield* Stream.runHead(publisher.follow(after + 2))
          expect(made).not.toHaveBeenCalled()
        }),
        Effect.sync(() => made.mockRestore())
      )
    }).pipe(Effect.provide(layerTestEngine))
  )
})

describe("with a tracer", () => {
  it.effect("a turn and the commands that have to do with it are one trace, whoever took the command", () =>
    Effect.gen(function* () {
      const [door, runner, after] = [recordingTracer(), recordingTracer(), recordingTracer()]
      const thread = uniqueId("thread")
      yield* inProcess(door.layer)(Effect.andThen(send(thread, create()), send(thread, start("a"), "ask")))
      yield* inProcess(runner.layer)(ingest(thread, claim("a"), ...runs))
      yield* inProcess(door.layer)(send(thread, interrupt("a")))
      yield* inProcess(after.layer)(ingest(thread, closeTurn("a")))

      expect(runner.ended).toEqual([])
      expect(after.ended.map(({ name }) => name)).toEqual(["chat", "spillway.session", "spillway.turn"])
      const all = [...door.ended, ...after.ended]
      const { logId } = yield* MemoryStore
      const { spanId, traceId } = turnContext(
        logId,
        { tenant: origin.tenant, threadId: ThreadId.make(thread) },
        start("a").turnId
      )
      expect(after.ended.at(-1)).toMatchObject({
        traceId,
        spanId,
        parentId: null,
        failed: false,
        events: ["thread.turn-interrupt-requested"],
        attributes: {
          "spillway.turn_id": "a",
          "spillway.thread_id": thread,
          "spillway.command_id": CommandId.make("ask"),
          "spillway.turn.outcome": "interrupted"
        }
      })
      expect(treeOf(traceOf(all, "spillway.turn"))).toEqual([
        "spillway.turn",
        "  spillway.command",
        "    spillway.append",
        "  spillway.command",
        "    spillway.append",
        "  spillway.session",
        "    chat"
      ])
      // Creating a thread is no part of a turn.
      expect(treeOf(traceOf(all, "spillway.append"))).toEqual(["spillway.command", "  spillway.append"])
    }).pipe(onOneStore)
  )

  it.effect("an append that serves many is a trace of its own, linked with the commands both ways", () =>
    Effect.gen(function* () {
      const { ended, layer } = recordingTracer()
      yield* inProcess(layer)(
        Effect.gen(function* () {
          yield* send("one", create())
          yield* send("two", create())
          yield* Effect.all([send("one", start("a")), send("two", update({ title: "x" }))], {
            concurrency: "unbounded"
          })
        })
      )
      const [append] = ended.filter(({ attributes }) => attributes["spillway.append.commands"] === 2)
      expect(append).toMatchObject({ parentId: null, attributes: { "spillway.append.events": 4 } })
      const served = ended.filter(({ links }) => links.some(({ spanId }) => spanId === append!.spanId))
      expect(served.map(({ attributes }) => attributes["spillway.command.type"])).toEqual([
        "thread.turn.start",
        "thread.update"
      ])
      expect(append!.links).toEqual(served.map(({ spanId, traceId }) => ({ spanId, traceId })))
      expect(new Set([append, ...served].map((span) => span!.traceId)).size).toBe(3)
    }).pipe(onOneStore)
  )

  it.effect("a command that comes twice at once is one span of the turn, and its repetition another's", () =>
    Effect.gen(function* () {
      const { ended, layer } = recordingTracer()
      yield* inProcess(layer)(
        Effect.gen(function* () {
          yield* send("one", create())
          yield* Effect.all([send("one", start("a"), "ask"), send("one", start("a"), "ask")], {
            concurrency: "unbounded"
          })
          yield* ingest("one", claim("a"), closeTurn("a"))
        })
      )
      const asked = ended.filter(
        ({ attributes, name }) => name === "spillway.command" && attributes["spillway.command_id"] === "ask"
      )
      expect(asked).toHaveLength(2)
      expect(new Set(ended.map(({ spanId }) => spanId)).size).toBe(ended.length)
      expect(treeOf(traceOf(ended, "spillway.turn"))).toEqual([
        "spillway.turn",
        "  spillway.command",
        "  spillway.session"
      ])
    }).pipe(onOneStore)
  )

  it.effect("what a command was sent within is above it, or linked from the turn's trace", () =>
    Effect.gen(function* () {
      const { ended, layer } = recordingTracer()
      const caller = Tracer.externalSpan({ traceId: "c".repeat(32), spanId: "d".repeat(16) })
      yield* inProcess(layer)(
        Effect.gen(function* () {
          yield* Effect.withParentSpan(send("one", create()), caller)
          yield* Effect.withParentSpan(send("one", start("a")), caller)
        })
      )
      const [created, started] = ended.filter(({ name }) => name === "spillway.command")
      expect(created).toMatchObject({ traceId: caller.traceId, parentId: caller.spanId, links: [] })
      expect(started!.traceId).not.toBe(caller.traceId)
      expect(started!.links).toEqual([{ traceId: caller.traceId, spanId: caller.spanId }])
    }).pipe(onOneStore)
  )

  it.effect("says what became of a command: refused, or repeated, it committed nothing", () =>
    Effect.gen(function* () {
      const { ended, layer } = recordingTracer()
      yield* inProcess(layer)(
        Effect.gen(function* () {
          yield* send("one", create(), "first")
          yield* send("one", create(), "first")
          yield* send("one", respond("nothing", approve))
          yield* send("one", start("a"))
          yield* send("one", remove)
        })
      )
      const commands = ended.filter(({ name }) => name === "spillway.command")
      expect(
        commands.map(({ attributes }) => [
          attributes["spillway.command.type"],
          attributes["spillway.command.outcome"],
          attributes["spillway.rejection"],
          attributes["spillway.turn_id"]
        ])
      ).toEqual([
        ["thread.create", "accepted", undefined, undefined],
        ["thread.create", "accepted", undefined, undefined],
        ["thread.request.respond", "rejected", "RequestNotFound", undefined],
        ["thread.turn.start", "accepted", undefined, "a"],
        ["thread.delete", "accepted", undefined, undefined]
      ])
      expect(commands.map(({ failed }) => failed)).toEqual([false, false, false, false, false])
    }).pipe(onOneStore)
  )

  it.effect("a share of the turns is traced whole, and the same ones by everybody", () =>
    Effect.gen(function* () {
      const process = () => {
        const tracer = recordingTracer()
        const half = Layer.succeed(TracingSettings, { content: false, ratio: 0.5 })
        return { ...tracer, layer: Layer.merge(tracer.layer, half) }
      }
      const [door, runner] = [process(), process()]
      const threads = Array.from({ length: 40 }, () => uniqueId("thread"))
      yield* inProcess(door.layer)(
        Effect.forEach(threads, (thread) => Effect.andThen(send(thread, create()), send(thread, start("a"))))
      )
      yield* inProcess(runner.layer)(
        Effect.forEach(threads, (thread) => ingest(thread, claim("a"), ...runs, closeTurn("a")))
      )
      const turns = runner.ended.filter(({ name }) => name === "spillway.turn")
      expect(turns.length).toBeGreaterThan(4)
      expect(turns.length).toBeLessThan(36)
      expect(runner.ended).toHaveLength(turns.length * 3)
      const starts = door.ended.filter(
        ({ attributes }) => attributes["spillway.command.type"] === "thread.turn.start"
      )
      expect(starts.map(({ traceId }) => traceId)).toEqual(turns.map(({ traceId }) => traceId))
    }).pipe(onOneStore)
  )

  it.effect("what another process wrote in between is read from the log, and its spans are left to it", () =>
    Effect.gen(function* () {
      const [one, other] = [recordingTracer(), recordingTracer()]
      yield* inProcess(one.layer)(
        Effect.gen(function* () {
          yield* send("one", create())
          yield* send("one", start("a"))
          yield* ingest("one", claim("a"), ...runs)
          yield* inProcess(other.layer)(
            Effect.gen(function* () {
              yield* send("one", start("b"))
              yield* ingest("one", closeTurn("a"))
            })
          )
          yield* ingest("one", claim("b", { generation: 2 }), closeTurn("b"))
        })
      )
      const turnsOf = ({ ended }: typeof one) =>
        ended.flatMap(({ attributes, name }) =>
          name === "spillway.turn" ? [attributes["spillway.turn_id"]] : []
        )
      expect(turnsOf(other)).toEqual(["a"])
      expect(turnsOf(one)).toEqual(["b"])
    }).pipe(onOneStore)
  )
})
