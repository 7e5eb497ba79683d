import {
  DEFAULT_TENANT,
  type Failure,
  type TenantId,
  ThreadId,
  type ThreadSummary
} from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { ReadModels, type ThreadListOptions } from "../ReadModels.ts"
import { assertProjectionsEqualFold } from "../testing/assertProjectionsEqualFold.ts"
import * as c from "../testing/commands.ts"
import { readModelStack } from "../testing/readModelStack.ts"
import { eventsOf } from "../testing/scenario.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import * as PostgresReadModels from "./PostgresReadModels.ts"

const viewAt = Effect.fnUntraced(function* (threadId: ThreadId, position: number) {
  const models = yield* ReadModels
  yield* models.waitFor(position)
  return (yield* models.thread(DEFAULT_TENANT, threadId))!.view
})

const overloaded: Failure = { code: "Overloaded", message: "The provider is overloaded.", retryable: true }

layer(readModelStack, { excludeTestServices: true })("read models", (it) => {
  it.effect("V8 an open message is in progress in the read model, with the text it has so far", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const thread = ThreadId.make("v8")
      const empty = yield* log.run(thread, ...c.running("v8-turn"))
      const [, reserved] = (yield* viewAt(thread, empty)).turns[0]!.messages
      expect(reserved).toMatchObject({ status: "open", parts: [], closedAt: null })
      const begun = yield* log.run(thread, c.append(c.messageOf("v8-turn"), "so far"))
      const [, message] = (yield* viewAt(thread, begun)).turns[0]!.messages
      expect(message).toMatchObject({
        status: "open",
        parts: [{ type: "text", text: "so far" }],
        closedAt: null
      })
    })
  )

  it.effect("an open message's text and a running tool's output are in the log alone, until they close", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const log = yield* ThreadLog
      const thread = ThreadId.make("once")
      const message = c.messageOf("once-turn")
      const said = sql<{
        text: string | null
      }>`select text from message where thread_id = ${thread} and message_index = 1`
      const outputs = sql<{ output: string }>`select output from tool_call where thread_id = ${thread}`

      const open = yield* log.run(
        thread,
        ...c.running("once-turn"),
        c.append(message, "text"),
        c.call(message, "call"),
        c.output("call", "printed")
      )
      const view = yield* viewAt(thread, open)
      expect(view.turns[0]!.messages[1]!.parts).toMatchObject([
        { text: "text" },
        { output: "printed", status: "open" }
      ])
      expect(yield* said).toEqual([{ text: null }])
      expect(yield* outputs).toEqual([{ output: "" }])

      const closed = yield* log.run(thread, c.closeMessage(message), c.output("call", " more", { offset: 7 }))
      const running = yield* viewAt(thread, closed)
      expect(running.turns[0]!.messages[1]!.parts[1]).toMatchObject({
        output: "printed more",
        status: "open"
      })
      expect(yield* said).toEqual([{ text: "text" }])
      expect(yield* outputs).toEqual([{ output: "" }])

      yield* viewAt(thread, yield* log.run(thread, c.closeCall("call")))
      expect(yield* outputs).toEqual([{ output: "printed more" }])
    })
  )

  it.effect(
    "A2 a closed message has its last text and its error from the first moment, for every reader",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const log = yield* ThreadLog
        const models = yield* ReadModels
        const thread = ThreadId.make("a2")
        const message = c.messageOf("a2-turn")
        yield* log.run(thread, ...c.running("a2-turn"), c.append(message, "begun, "))
        const torn = sql<{ status: string; text: string | null }>`
        select status, text from message
        where thread_id = ${thread} and message_index = 1 and status <> 'open'
          and (text is distinct from 'begun, and cut off' or error is null)`

        // Reads as fast as it can while the last commit is made and projected.
        const untilClosed = Stream.fromEffectRepeat(
          Effect.gen(function* () {
            expect(yield* torn).toEqual([])
            const [, read] = (yield* models.thread(DEFAULT_TENANT, thread))?.view.turns[0]?.messages ?? []
            if (read === undefined || read.status === "open") return false
            expect(read).toMatchObject({
              status: "error",
              error: overloaded,
              parts: [{ text: "begun, and cut off" }]
            })
            return true
          })
        ).pipe(
          Stream.takeUntil((closed) => closed),
          Stream.runDrain
        )
        yield* Effect.all(
          [
            untilClosed,
            log.run(
              thread,
              c.append(message, "and cut off", { offset: 7 }),
              c.closeTurn("a2-turn", "failed", overloaded)
            )
          ],
          { concurrency: 2 }
        )
      })
  )

  it.effect("A9 what went wrong is read back as it was, by a process that starts later", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const thread = ThreadId.make("a9")
      const end = yield* log.run(
        thread,
        ...c.running("a9-turn"),
        c.closeTurn("a9-turn", "failed", overloaded)
      )
      const { view } = yield* Effect.gen(function* () {
        const models = yield* ReadModels
        yield* models.waitFor(end)
        return (yield* models.thread(DEFAULT_TENANT, thread))!
      }).pipe(Effect.provide(PostgresReadModels.layer, { local: true }))
      expect(view.turns[0]).toMatchObject({ status: "failed", error: overloaded })
      expect(view.turns[0]!.messages[1]).toMatchObject({ status: "error", error: overloaded })
    })
  )

  it.effect(
    "A16 each step keeps its usage, finish reason and response id, also when the turn is aborted",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const log = yield* ThreadLog
        const thread = ThreadId.make("a16")
        const end = yield* log.run(
          thread,
          ...c.running("a16-turn"),
          c.closeMessage(c.messageOf("a16-turn")),
          c.closeStep("a16-turn", 0, { usage: { inputTokens: 12, outputTokens: 7 } }),
          c.openStep("a16-turn", 1),
          c.interrupt("a16-turn"),
          c.closeTurn("a16-turn", "interrupted")
        )
        const [turn] = (yield* viewAt(thread, end)).turns
        expect(turn!.steps).toEqual([
          {
            stepId: "a16-turn#0",
            status: "closed",
            usage: { inputTokens: 12, outputTokens: 7 },
            finishReason: "stop",
            responseId: "response"
          },
          { stepId: "a16-turn#1", status: "closed", usage: {}, finishReason: "aborted", responseId: null }
        ])
        expect(
          yield* sql`select input_tokens, output_tokens, total_tokens from step where thread_id = ${thread} order by step_index`
        ).toEqual([
          { input_tokens: 12, output_tokens: 7, total_tokens: null },
          { input_tokens: null, output_tokens: null, total_tokens: null }
        ])
      })
  )

  it.effect("text and values come back as they were, whatever they look like", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const thread = ThreadId.make("awkward")
      const message = c.messageOf("awkward-turn")
      const texts = [
        "[]",
        "null",
        '{"a":1}',
        '{NULL,"}',
        "\\x00 \\u0000",
        "'; drop table thread; --",
        "𝄞\u2028\r\n",
        "x".repeat(9_000)
      ]
      const metadata = { b: [null, 1.5, -0.25, 1e21], a: { "": "null", __proto: [] } }
      const calls = texts.map(
        (text, i) =>
          [
            c.call(message, `call-${i}`, { input: text }),
            c.closeCall(`call-${i}`, { result: { [text]: text } })
          ] as const
      )
      const end = yield* log.run(
        thread,
        c.create({ title: "null", metadata }),
        c.start("awkward-turn", { text: texts.join("") }),
        c.claim("awkward-turn"),
        c.openStep("awkward-turn"),
        c.openMessage("awkward-turn"),
        c.append(message, texts.join("")),
        ...calls.flat(),
        c.closeTurn("awkward-turn")
      )
      const view = yield* viewAt(thread, end)
      expect(JSON.stringify(view.metadata)).toBe(JSON.stringify(metadata))
      const [asked, answer] = view.turns[0]!.messages
      expect(asked!.parts).toMatchObject([{ text: texts.join("") }])
      expect(answer!.parts).toMatchObject([
        { text: texts.join("") },
        ...texts.map((text) => ({ input: text, result: { [text]: text } }))
      ])
    })
  )

  it.effect(
    "a thread of more turns than a page is read page by page, and an old turn can still be retried",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const models = yield* ReadModels
        const thread = ThreadId.make("long")
        yield* log.run(thread, c.create())
        for (let i = 0; i < 120; i++) {
          yield* log.run(thread, c.start(`turn-${i}`), c.closeTurn(`turn-${i}`, "failed", overloaded))
        }
        const end = yield* log.run(thread, c.retry("turn-3", "again"))
        const newest = (yield* viewAt(thread, end)).turns
        expect(newest.map(({ turnId }) => turnId)).toEqual([
          ...range(71, 120).map((i) => `turn-${i}`),
          "again"
        ])
        expect(newest.at(-1)!.messages).toMatchObject([{ messageId: c.askOf("turn-3"), turnId: "again" }])
        const oldest = yield* models.thread(DEFAULT_TENANT, thread, { before: "turn-21", turns: 100 })
        expect(oldest!.view.turns.map(({ turnId }) => turnId)).toEqual(range(0, 21).map((i) => `turn-${i}`))
        expect(oldest!.view.turns[3]!.retriedBy).toBe("again")
        expect(oldest!.before).toBe(null)
        const unknown = yield* models.thread(DEFAULT_TENANT, thread, { before: "no such turn" })
        expect(unknown!.view.turns).toEqual([])
      })
  )

  it.effect(
    "threads are listed last updated first, in pages, without the deleted ones and other tenants'",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const models = yield* ReadModels
        const tenant = "lists" as TenantId
        const created = { type: "thread.created", data: {} } as const
        const ids = range(0, 7).map((i) => ThreadId.make(`list-${i}`))
        yield* log.append(ids.map((threadId) => ({ tenant, threadId, event: created })))
        yield* log.append([{ tenant: "others" as TenantId, threadId: ids[0]!, event: created }])
        const end = yield* log.append([
          { tenant, threadId: ids[4]!, event: { type: "thread.deleted", data: {} } },
          { tenant, threadId: ids[2]!, event: { type: "thread.updated", data: { title: "touched" } } }
        ])
        yield* models.waitFor(end)
        const first = yield* models.threads(tenant, { limit: 4 })
        expect(first.map(({ threadId }) => threadId)).toEqual(["list-2", "list-6", "list-5", "list-3"])
        const rest = yield* models.threads(tenant, { limit: 4, before: first.at(-1)! })
        expect(rest.map(({ threadId }) => threadId)).toEqual(["list-1", "list-0"])
        expect(yield* models.summaries(tenant, [ids[4]!, ThreadId.make("unknown")])).toMatchObject([
          { status: "deleted" }
        ])
      })
  )

  it.effect(
    "a list can be of threads that are archived or not, and of those that do something or nothing",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const models = yield* ReadModels
        const tenant = "filters" as TenantId
        const threads: Readonly<Record<string, ReadonlyArray<ThreadCommand>>> = {
          idle: [c.create()],
          working: c.running("working"),
          waiting: [...c.running("waiting"), c.ask("ask")],
          parked: [...c.running("parked"), c.ask("ask"), c.closeSession("parked")],
          archived: [c.create(), c.start("turn"), c.closeTurn("turn"), c.archive],
          restored: [c.create(), c.archive, c.unarchive],
          deleted: [...c.running("deleted"), c.remove]
        }
        let end = 0
        for (const [name, commands] of Object.entries(threads)) {
          end = yield* log.append(
            eventsOf(...commands).map((event) => ({ tenant, threadId: ThreadId.make(name), event }))
          )
        }
        yield* models.waitFor(end)
        const listed = (options: ThreadListOptions = {}) =>
          Effect.map(models.threads(tenant, options), (list) => list.map(({ threadId }) => threadId))
        const all = ["restored", "archived", "parked", "waiting", "working", "idle"]
        expect(yield* listed()).toEqual(all)
        expect(yield* listed({ archived: true })).toEqual(["archived"])
        expect(yield* listed({ archived: false })).toEqual(all.filter((name) => name !== "archived"))
        expect(yield* listed({ activity: "idle" })).toEqual(["restored", "archived", "idle"])
        expect(yield* listed({ activity: "idle", archived: false })).toEqual(["restored", "idle"])
        expect(yield* listed({ activity: "working" })).toEqual(["working"])
        expect(yield* listed({ activity: "waiting" })).toEqual(["parked", "waiting"])
        expect(yield* listed({ activity: "waiting", archived: true })).toEqual([])

        for (const filter of [{}, { archived: false }, { activity: "idle" }] as const) {
          const read: Array<ThreadId> = []
          for (let before: ThreadSummary | undefined; ;) {
            const page = yield* models.threads(tenant, { ...filter, limit: 1, ...(before && { before }) })
            before = page[0]
            if (before === undefined) break
            read.push(before.threadId)
          }
          expect(read).toEqual(yield* listed(filter))
        }
      })
  )

  it.effect("a list says what a thread is doing and what was said last", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const models = yield* ReadModels
      const thread = ThreadId.make("doing")
      const message = c.messageOf("doing-turn")
      const summary = Effect.fnUntraced(function* (position: number) {
        yield* models.waitFor(position)
        const [summary] = yield* models.summaries(DEFAULT_TENANT, [thread])
        const busy = (yield* models.busyThreads).some(({ threadId }) => threadId === thread)
        return [summary!.activity, summary!.preview, summary!.messageCount, busy]
      })
      const start = yield* log.run(
        thread,
        ...c.running("doing-turn"),
        c.append(message, "x".repeat(300)),
        c.ask("ask")
      )
      expect(yield* summary(start)).toEqual(["waiting", "hello", 2, true])
      const answered = yield* log.run(thread, c.respond("ask", c.approve))
      expect(yield* summary(answered)).toEqual(["working", "hello", 2, true])
      const end = yield* log.run(thread, c.closeTurn("doing-turn"))
      expect(yield* summary(end)).toEqual(["idle", "x".repeat(200), 2, false])
    })
  )

  it.effect("a thread that nobody has heard of is not there", () =>
    Effect.gen(function* () {
      const models = yield* ReadModels
      expect(yield* models.thread(DEFAULT_TENANT, ThreadId.make("unknown"))).toBe(undefined)
    })
  )

  it.effect("all of it equals the fold of the log", () =>
    Effect.gen(function* () {
      const compared = yield* assertProjectionsEqualFold
      expect(compared.threads).toBeGreaterThan(10)
    })
  )
})

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
