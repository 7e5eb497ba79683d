/** Un-flushed text on its way through the engine: kept while its session runs, and never beyond. */
import { DEFAULT_TENANT, PartId, type RuntimeCommand, sessionIdOf } from "@spillway/contracts"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { EventLog, type UnflushedText } from "../EventLog.ts"
import * as Memory from "../memory/Memory.ts"
import { MemoryStore } from "../memory/MemoryEventLog.ts"
import { NodeLease } from "../NodeLease.ts"
import { Publisher } from "../Publisher.ts"
import {
  append,
  ask,
  claim,
  closeSession,
  closeTurn,
  create,
  messageOf,
  openMessage,
  openStep,
  remove,
  start
} from "../testing/commands.ts"
import { scenarioThread } from "../testing/scenario.ts"
import { origin, sendable } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"

const sessionId = sessionIdOf(DEFAULT_TENANT, scenarioThread)

const layer = ThreadEngine.layer.pipe(Layer.provideMerge(Publisher.layer), Layer.provideMerge(Memory.layer))

/** Goes on in the belief that it holds the first epoch's lease. */
const unaware = ThreadEngine.layer.pipe(
  Layer.provide(Layer.succeed(NodeLease, { epoch: Effect.succeed(1), changes: Stream.never })),
  Layer.provideMerge(Publisher.layer),
  Layer.provideMerge(Memory.layer)
)

const pieceOf = (ordinal: number, text: string, but: Partial<UnflushedText> = {}): UnflushedText => ({
  ordinal,
  messageId: messageOf("a"),
  partId: PartId.make("text"),
  kind: "text",
  itemId: "item",
  toolCallId: null,
  offset: 0,
  resumesAt: text.length,
  text,
  ...but
})

const send = Effect.fnUntraced(function* (command: Parameters<typeof sendable>[0]) {
  const engine = yield* ThreadEngine
  return yield* engine.dispatch(origin, sendable(command))
})

/** A batch of the thread's session, with its cursor; recovery's, without one. */
const ingest = Effect.fnUntraced(function* (
  cursor: { readonly through: number; readonly generation?: number } | null,
  commands: ReadonlyArray<RuntimeCommand>,
  checkpoint: ReadonlyArray<UnflushedText> = []
) {
  const engine = yield* ThreadEngine
  return yield* engine.ingest({
    tenant: DEFAULT_TENANT,
    threadId: scenarioThread,
    actor: "runtime:scripted",
    commands,
    cursor: cursor && { sessionId, generation: 1, ...cursor },
    checkpoint
  })
})

const kept = Effect.gen(function* () {
  const log = yield* EventLog
  return (yield* log.checkpoint(sessionId)).map(({ text, through }) => [text, through])
})

const run = Effect.gen(function* () {
  yield* send(create())
  yield* send(start("a"))
  yield* ingest(null, [claim("a"), openStep("a"), openMessage("a")])
})

it.live("T9 text is kept with the cursor, without an event, and goes when its session ends", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    yield* run
    const head = yield* log.head
    expect(yield* ingest({ through: 3 }, [], [pieceOf(0, "so far")])).toMatchObject({ _tag: "Committed" })
    expect(yield* log.head).toBe(head)
    expect(yield* log.cursor(sessionId)).toEqual({ sessionId, generation: 1, through: 3 })
    yield* ingest(
      { through: 5 },
      [append(messageOf("a"), "so far, and more")],
      [pieceOf(1, "beside it", { partId: PartId.make("other") })]
    )
    expect(yield* kept).toEqual([
      ["so far", 3],
      ["beside it", 5]
    ])
    yield* ingest({ through: 6 }, [closeTurn("a")])
    expect(yield* kept).toEqual([])
  }).pipe(Effect.provide(layer))
)

it.live("text goes with its session, whoever ends it: a client, or recovery", () =>
  Effect.gen(function* () {
    yield* run
    yield* ingest({ through: 1 }, [ask("r")], [pieceOf(0, "parked")])
    yield* ingest(null, [closeSession("parked")])
    expect(yield* kept).toEqual([])
    yield* ingest(null, [closeTurn("a")])
    yield* send(start("b"))
    yield* ingest(null, [claim("b", { generation: 2 })])
    yield* ingest({ through: 1, generation: 2 }, [], [pieceOf(0, "deleted")])
    expect(yield* kept).toEqual([["deleted", 1]])
    yield* send(remove)
    expect(yield* kept).toEqual([])
  }).pipe(Effect.provide(layer))
)

it.live("text of a session that is over is not kept: nobody would come to fetch it", () =>
  Effect.gen(function* () {
    yield* run
    const late = (generation = 1) => ingest({ through: 9, generation }, [], [pieceOf(0, "late")])
    yield* ingest(null, [closeSession("lost")])
    expect(yield* late()).toEqual({ _tag: "Superseded" })
    yield* ingest(null, [claim("a", { generation: 2 })])
    expect(yield* late()).toEqual({ _tag: "Superseded" })
    expect(yield* late(2)).toMatchObject({ _tag: "Committed" })
    // In the very batch in which the client ends it.
    yield* Effect.all([send(remove), late(2)], { concurrency: "unbounded" })
    expect(yield* late(2)).toEqual({ _tag: "Superseded" })
    expect(yield* kept).toEqual([])
  }).pipe(Effect.provide(layer))
)

it.live("A7 a holder that lost the lease and does not know it yet keeps no more text", () =>
  Effect.gen(function* () {
    const store = yield* MemoryStore
    yield* run
    yield* ingest({ through: 1 }, [], [pieceOf(0, "kept")])
    store.epoch++
    const error = yield* Effect.flip(ingest({ through: 2 }, [], [pieceOf(1, "late")]))
    expect(error._tag).toBe("LeaseLost")
    expect(yield* kept).toEqual([["kept", 1]])
  }).pipe(Effect.provide(unaware))
)
