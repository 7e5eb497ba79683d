import { PgClient } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { DEFAULT_TENANT, type Receipt, ThreadId } from "@spillway/contracts"
import { assert, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Ref, Result, Scope, Stream } from "effect"
import { CommandWait } from "./CommandWait.ts"
import { type Append, EventLog, OutcomeUnknown, Unavailable } from "./EventLog.ts"
import { EMPTY_LOG, type StoredRow, verifyRange } from "./hash.ts"
import { Publisher } from "./Publisher.ts"
import { create, interrupt, start, update } from "./testing/commands.ts"
import { layerEngine, layerTestEngine, origin, sendable, uniqueId } from "./testing/TestEngine.ts"
import { ThreadEngine } from "./ThreadEngine.ts"

const dispatch = Effect.fnUntraced(function* (command: Parameters<ThreadEngine["Service"]["dispatch"]>[1]) {
  const engine = yield* ThreadEngine
  return yield* engine.dispatch(origin, command)
})

const version = (receipt: Receipt) =>
  receipt.status === "accepted" ? receipt.version : receipt.rejection._tag

const eventsOf = Effect.fnUntraced(function* (threadId: string) {
  const log = yield* EventLog
  return yield* log.readThread({
    tenant: DEFAULT_TENANT,
    threadId: ThreadId.make(threadId),
    afterVersion: 0,
    limit: 10_000
  })
})

it.live("a receipt means committed: what it names is in the log when it comes", () =>
  Effect.gen(function* () {
    const threadId = uniqueId("thread")
    const receipt = yield* dispatch(sendable(create({ title: "A" }), { threadId }))
    const events = yield* eventsOf(threadId)
    expect(version(receipt)).toBe(1)
    expect(events.map((event) => event.type)).toEqual(["thread.created"])
    expect(events[0]).toMatchObject({ actor: "tester", version: 1, commandId: receipt.commandId })
  }).pipe(Effect.provide(layerTestEngine))
)

it.live(
  "E1 the same command twice, at once, later and after a restart has one effect and the same receipt",
  () =>
    Effect.gen(function* () {
      const threadId = uniqueId("thread")
      const command = sendable(create(), { threadId })
      const rejected = sendable(interrupt("nowhere"), { threadId })

      const firstLife = yield* Effect.gen(function* () {
        const together = yield* Effect.all([dispatch(command), dispatch(command), dispatch(command)], {
          concurrency: "unbounded"
        })
        const later = yield* dispatch(command)
        return { receipts: [...together, later], refusal: yield* dispatch(rejected) }
      }).pipe(Effect.provide(layerEngine))

      const secondLife = yield* Effect.gen(function* () {
        const again = yield* dispatch(command)
        // What was refused stays refused, though it could be accepted by now.
        yield* dispatch(sendable(start("nowhere"), { threadId }))
        const refusal = yield* dispatch(rejected)
        const conflict = yield* dispatch({ ...command, title: "another" })
        const otherThread = yield* dispatch(
          sendable(create(), { commandId: command.commandId, threadId: "elsewhere" })
        )
        return { again, conflict, otherThread, refusal, events: yield* eventsOf(threadId) }
      }).pipe(Effect.provide(layerEngine))

      for (const receipt of [...firstLife.receipts, secondLife.again])
        expect(receipt).toEqual(firstLife.receipts[0])
      expect(version(firstLife.refusal)).toBe("TurnNotFound")
      expect(secondLife.refusal).toEqual(firstLife.refusal)
      expect(version(secondLife.conflict)).toBe("CommandIdConflict")
      expect(version(secondLife.otherThread)).toBe("CommandIdConflict")
      expect(secondLife.events.filter((event) => event.type === "thread.created")).toHaveLength(1)
    }).pipe(Effect.provide(TestDatabase.layer))
)

it.live(
  "E1 a retryable error is never remembered, and a connection that dies at commit still gets the right answer",
  () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const faults = yield* Ref.make<"none" | "away" | "after">("none")
      const broken = Layer.succeed(EventLog, {
        ...log,
        append: Effect.fnUntraced(function* (append: Append) {
          if ((yield* Ref.get(faults)) === "away")
            return yield* new Unavailable({ message: "the database is away" })
          const fault = yield* Ref.getAndSet(faults, "none")
          const outcome = yield* log.append(append)
          if (fault === "after")
            return yield* new OutcomeUnknown({ message: "the connection dropped at commit" })
          return outcome
        })
      })
      yield* Effect.gen(function* () {
        const threadId = uniqueId("thread")
        const command = sendable(create(), { threadId })
        yield* Ref.set(faults, "away")
        const failed = yield* Effect.flip(dispatch(command))
        assert.strictEqual(failed._tag, "Unavailable")
        yield* Ref.set(faults, "none")
        assert.strictEqual(version(yield* dispatch(command)), 1)

        yield* Ref.set(faults, "after")
        const turn = uniqueId("turn")
        assert.strictEqual(version(yield* dispatch(sendable(start(turn), { threadId }))), 4)
        yield* Ref.set(faults, "after")
        assert.strictEqual(
          version(yield* dispatch(sendable(interrupt("unknown"), { threadId }))),
          "TurnNotFound"
        )
        assert.lengthOf(yield* eventsOf(threadId), 4)
      }).pipe(
        Effect.provide(
          ThreadEngine.layer.pipe(Layer.provide([broken, Layer.succeed(CommandWait, 2_000)]), Layer.fresh)
        )
      )
    }).pipe(Effect.provide(layerTestEngine))
)

it.live("E2 a command that fails half-way leaves nothing, and the same command then succeeds", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const failing = yield* Ref.make(true)
    const broken = Layer.succeed(EventLog, {
      ...log,
      append: (append: Append) =>
        Effect.flatMap(Ref.get(failing), (fails) =>
          // The last event carries what Postgres refuses, so that the others are inserted and have to go again.
          fails && append.events.length > 0
            ? log.append({
                ...append,
                events: append.events.map((event, i) =>
                  i === append.events.length - 1 ? { ...event, data: "{not json" } : event
                )
              })
            : log.append(append)
        )
    })
    yield* Effect.gen(function* () {
      const threadId = uniqueId("thread")
      const command = sendable(create(), { threadId })
      const head = yield* log.head
      const failed = yield* Effect.flip(dispatch(command))
      assert.strictEqual(failed._tag, "CommandFailed")
      assert.lengthOf(yield* eventsOf(threadId), 0)
      assert.strictEqual(yield* log.head, head)
      yield* Ref.set(failing, false)
      assert.strictEqual(version(yield* dispatch(command)), 1)
    }).pipe(Effect.provide(ThreadEngine.layer.pipe(Layer.provide(broken), Layer.fresh)))
  }).pipe(Effect.provide(layerTestEngine))
)

it.live("E2 a poisoned command never fails its neighbours", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const picky = Layer.succeed(EventLog, {
      ...log,
      append: (append: Append) =>
        log.append({
          ...append,
          events: append.events.map((event) =>
            event.data.includes("poison") ? { ...event, data: "{" } : event
          )
        })
    })
    yield* Effect.gen(function* () {
      const exits = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, i) =>
          sendable(create({ title: i === 17 ? "poison" : "fine" }), { threadId: uniqueId("thread") })
        ),
        (command) => Effect.exit(dispatch(command)),
        { concurrency: "unbounded" }
      )
      expect(exits.map((exit, i) => Exit.isSuccess(exit) === (i !== 17))).toEqual(exits.map(() => true))
    }).pipe(Effect.provide(ThreadEngine.layer.pipe(Layer.provide(picky), Layer.fresh)))
  }).pipe(Effect.provide(layerTestEngine))
)

it.live(
  "E3 two engines on one database and one hot thread: no version twice, no gap, nothing accepted is lost",
  () =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const engines = yield* Effect.forEach([1, 2], () => Layer.buildWithScope(layerEngine, scope))
      const threadId = uniqueId("hot")
      yield* dispatch(sendable(create(), { threadId })).pipe(Effect.provideContext(engines[0]!))
      const receipts = yield* Effect.forEach(
        Array.from({ length: 400 }, (_, i) => i),
        (i) =>
          dispatch(sendable(update({ title: `title ${i}` }), { threadId })).pipe(
            Effect.provideContext(engines[i % 2]!)
          ),
        { concurrency: 24 }
      )
      const events = yield* eventsOf(threadId).pipe(Effect.provideContext(engines[0]!))
      expect(events.map((event) => event.version)).toEqual(events.map((_, i) => i + 1))
      expect(receipts.map(version).sort((a, b) => Number(a) - Number(b))).toEqual(
        receipts.map((_, i) => i + 2)
      )
      expect(new Set(events.map((event) => event.commandId)).size).toBe(401)

      // Both publishers hand on the same whole log, in order.
      for (const engine of engines) {
        const publisher = Context.get(engine, Publisher)
        const seen = yield* publisher.follow(0).pipe(
          Stream.flatMap((batch) => Stream.fromIterable(batch.map((event) => event.position))),
          Stream.take(events.length),
          Stream.runCollect
        )
        expect(seen).toEqual(events.map((event) => event.position))
      }
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
)

it.live("rejections decided behind another command of the batch are those of the committed order", () =>
  Effect.gen(function* () {
    const threadId = uniqueId("thread")
    const receipts = yield* Effect.all(
      [
        dispatch(sendable(create(), { threadId })),
        dispatch(sendable(create(), { threadId })),
        dispatch(sendable(start("t"), { threadId })),
        dispatch(sendable({ ...start("u"), ifBusy: "reject" as const }, { threadId }))
      ],
      { concurrency: "unbounded" }
    )
    expect(receipts.map(version)).toEqual([1, "ThreadAlreadyExists", 4, "TurnAlreadyActive"])
  }).pipe(Effect.provide(layerTestEngine))
)

it.live("E3 an engine knows what another one committed once it has handed it on", () =>
  Effect.gen(function* () {
    const threadId = uniqueId("thread")
    yield* Effect.gen(function* () {
      yield* dispatch(sendable(create(), { threadId }))
      const elsewhere = yield* dispatch(sendable(update({ title: "B" }), { threadId })).pipe(
        Effect.provide(layerEngine)
      )
      expect(version(elsewhere)).toBe(2)
      yield* (yield* Publisher).follow(0).pipe(
        Stream.takeUntil((events) => events.some((event) => event.version === 2)),
        Stream.runDrain
      )
      const { state } = yield* ThreadEngine
      expect((yield* state(DEFAULT_TENANT, ThreadId.make(threadId))).version).toBe(2)
    }).pipe(Effect.provide(layerEngine))
  }).pipe(Effect.provide(TestDatabase.layer))
)

it.live("E3 a refusal is true: what another engine committed meanwhile is looked at first", () =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const [one, two] = yield* Effect.all([
      Layer.buildWithScope(layerEngine, scope),
      Layer.buildWithScope(layerEngine, scope)
    ])
    for (let i = 0; i < 20; i++) {
      const threadId = uniqueId("thread")
      yield* Effect.gen(function* () {
        yield* dispatch(sendable(create(), { threadId }))
        yield* dispatch(sendable(start("a"), { threadId }))
      }).pipe(Effect.provideContext(one))
      // Nobody has claimed the turn, so it ends at once.
      yield* dispatch(sendable(interrupt("a"), { threadId })).pipe(Effect.provideContext(two))
      const next = sendable(start("b", { ifBusy: "reject" }), { threadId })
      expect(yield* Effect.provideContext(dispatch(next), one)).toMatchObject({ status: "accepted" })
    }
  }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
)

it.live("what engines commit verifies: both hash chains hold from the first event", () =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    for (let i = 0; i < 5; i++) {
      const threadId = uniqueId("thread")
      yield* dispatch(sendable(create({ title: `"${i}" \\ \u2028 日本` }), { threadId }))
      yield* dispatch(sendable(start(uniqueId("turn"), { text: "line\nline" }), { threadId }))
    }
    const rows = yield* sql<StoredRow>`
      select position::int, tenant, thread_id as "threadId", version::int, type, schema_version::int as "schemaVersion",
        command_id as "commandId", causation_id as "causationId", correlation_id as "correlationId", actor, encoding::int,
        data::text, encode(hash, 'hex') as hash, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from event order by position`
    const [head] = yield* sql<{ hash: string }>`select encode(hash, 'hex') as hash from log_head`
    const verified = verifyRange(EMPTY_LOG, rows)
    expect(Result.isSuccess(verified) && verified.success).toMatchObject({
      position: rows.length,
      hash: head!.hash
    })
  }).pipe(Effect.provide(layerTestEngine))
)

it.live("closing commits what was taken", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(layerEngine, scope)
    const threads = Array.from({ length: 50 }, () => uniqueId("thread"))
    const fiber = yield* Effect.forEach(
      threads,
      (threadId) => Effect.exit(dispatch(sendable(create(), { threadId }))),
      {
        concurrency: "unbounded"
      }
    ).pipe(Effect.provideContext(context), Effect.forkChild({ startImmediately: true }))
    yield* Scope.close(scope, Exit.void)
    const exits = yield* Fiber.join(fiber)
    const committed = yield* Effect.forEach(threads, eventsOf).pipe(Effect.provide(layerEngine))
    expect(exits.map((exit) => Exit.isSuccess(exit))).toEqual(committed.map((events) => events.length === 1))
  }).pipe(Effect.provide(TestDatabase.layer))
)
