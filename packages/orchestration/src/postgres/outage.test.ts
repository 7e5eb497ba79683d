/** A process whose way to Postgres fails in each of the ways in which networks and servers do. */
import { PgConnection } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Fiber, Layer, Logger, Option, type Scope, Stream } from "effect"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import * as PostgresReadModels from "../projections/PostgresReadModels.ts"
import { Publisher } from "../Publisher.ts"
import { ReadModels } from "../ReadModels.ts"
import { create, update } from "../testing/commands.ts"
import { DatabaseProxy } from "../testing/DatabaseProxy.ts"
import { layerEngine, origin, sendable, uniqueId } from "../testing/TestEngine.ts"
import { ThreadEngine } from "../ThreadEngine.ts"
import { outageReason } from "./outageReason.ts"
import { OutageWatch } from "./OutageWatch.ts"
import * as Postgres from "./Postgres.ts"

/** Milliseconds of the process's clock that pass in each 2 ms of the database's. */
const STEP = 20

/** A process behind a proxy, on a clock of its own that is faster than the real one. */
const start = Effect.gen(function* () {
  const direct = (yield* TestDatabase).url
  const outsider = yield* PgConnection.make({ url: direct, startupParameters: { search_path: "spillway" } })
  const clock = yield* Layer.build(TestClock.layer())
  const pass = Effect.andThen(outsider.query("select pg_sleep(0.002)"), TestClock.adjust(STEP))
  yield* Effect.forkScoped(Effect.forever(Effect.provideContext(pass, clock)))

  const { proxy, url } = yield* DatabaseProxy.open(direct)
  const logged: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel !== "Debug" && logLevel !== "Trace") logged.push(`${logLevel}: ${String(message)}`)
  })
  const context = yield* Layer.build(
    PostgresReadModels.layer.pipe(
      Layer.provideMerge(ThreadEngine.layer),
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(Postgres.layer({ url })),
      Layer.provideMerge(Logger.layer([logger])),
      Layer.fresh
    )
  ).pipe(Effect.provideContext(clock))
  const engine = Context.get(context, ThreadEngine)
  const send = (command: Parameters<typeof engine.dispatch>[1]) =>
    engine
      .dispatch(origin, command)
      .pipe(Effect.exit, Effect.forkChild({ startImmediately: true }), Effect.provideContext(clock))
  const answer = (fiber: Effect.Success<ReturnType<typeof send>>) =>
    Effect.map(Fiber.join(fiber), (exit) =>
      Exit.isSuccess(exit) ? exit.value.status : Option.getOrThrow(Cause.findErrorOption(exit.cause))._tag
    )
  const lookAgain = outsider.query("select pg_sleep(0.002)")
  /** Returns once it holds. */
  const until = (holds: () => boolean) => Effect.repeat(lookAgain, { until: holds })

  /** The titles that the log has, as the database itself tells. */
  const titles = Effect.map(
    outsider.query(
      "select data ->> 'title' as title from event where type = 'thread.updated' order by position"
    ),
    ({ rows }) => rows.map(({ title }) => title)
  )
  const threadId = uniqueId("thread")
  expect(yield* answer(yield* send(sendable(create(), { threadId })))).toBe("accepted")
  const { current } = yield* Effect.provideContext(OutageWatch, context)
  return {
    proxy,
    logged,
    context,
    lookAgain,
    until,
    send,
    answer,
    outsider,
    titles,
    title: (title: string) => sendable(update({ title }), { threadId }),
    outage: () => current()?.reason,
    threadId
  }
})

const live = (title: string, body: Effect.Effect<void, unknown, TestDatabase | Scope.Scope>) =>
  it.live(title, () => body.pipe(Effect.scoped, Effect.provide(TestDatabase.layer)))

describe("a database that goes away and comes back", () => {
  for (const how of ["is lost with its connection", "does not come on a connection that stands"]) {
    live(
      `E5 a commit whose answer ${how} is found by the same append`,
      Effect.gen(function* () {
        const { answer, lookAgain, proxy, send, title, titles } = yield* start
        proxy.set("answerless")
        const sent = yield* send(title("once"))
        yield* Effect.repeat(Effect.andThen(lookAgain, titles), { until: (found) => found.length > 0 })
        proxy.heal()
        if (how.includes("lost")) proxy.cut()
        expect(yield* answer(sent)).toBe("accepted")
        expect(yield* titles).toEqual(["once"])
        proxy.cut()
      })
    )
  }

  live(
    "E5 when nothing gets through for longer than commands wait, none is said to have failed that may be committed",
    Effect.gen(function* () {
      const { answer, lookAgain, outage, proxy, send, title, titles } = yield* start
      proxy.set("stalled")
      const sent = title("sent")
      const first = yield* send(sent)
      // The append that it is in has left by then.
      yield* lookAgain
      const second = yield* send(title("waiting"))
      expect(yield* answer(first)).toBe("OutcomeUnknown")
      expect(yield* answer(second)).toBe("Unavailable")
      expect(outage()).toBe("no-answer")
      proxy.heal()
      proxy.cut()
      expect(yield* answer(yield* send(sent))).toBe("accepted")
      expect(yield* titles).toEqual(["sent"])
    })
  )

  live(
    "E5 while nobody is there commands wait, and then readers, listeners and the lease go on by themselves, with one line each way",
    Effect.gen(function* () {
      const { answer, context, logged, outage, proxy, send, threadId, title, titles, until } = yield* start
      yield* Effect.promise(() => proxy.go())
      const waiting = yield* send(title("waiting"))
      yield* until(() => outage() !== undefined)
      expect(outage()).toBe("unreachable")
      expect(waiting.pollUnsafe()).toBeUndefined()
      yield* Effect.promise(() => proxy.come())
      expect(yield* answer(waiting)).toBe("accepted")
      expect(yield* titles).toEqual(["waiting"])

      // Another process commits behind it: that is heard, and read, and projected.
      const heard = yield* Context.get(context, Publisher)
        .follow(2)
        .pipe(Stream.runHead, Effect.forkChild({ startImmediately: true }))
      yield* Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(origin, title("elsewhere"))).pipe(
        Effect.provide(layerEngine)
      )
      yield* Fiber.join(heard)
      const readModels = Context.get(context, ReadModels)
      yield* readModels.waitFor(3)
      const [summary] = yield* readModels.summaries(origin.tenant, [threadId as never])
      expect(summary).toMatchObject({ title: "elsewhere", version: 3 })

      yield* until(() => logged.length > 1)
      expect(logged).toEqual([
        expect.stringMatching(/^Warn: The database is away: unreachable \(.+\)\. Commands wait/),
        expect.stringMatching(/^Info: The database is back after \d+\.\d s\.$/)
      ])
      expect(outage()).toBeUndefined()
    })
  )

  live(
    "E5 a database that takes no writes is waited for, and said to be read-only",
    Effect.gen(function* () {
      const { answer, outage, outsider, send, title, titles, until } = yield* start
      const { name } = yield* TestDatabase
      const setReadOnly = Effect.fnUntraced(function* (to: "on" | "off") {
        yield* outsider.query(`alter database ${name} set default_transaction_read_only = ${to}`)
        yield* outsider.query(
          `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`
        )
      })
      yield* setReadOnly("on")
      const waiting = yield* send(title("waiting"))
      yield* until(() => outage() === "read-only")
      expect(waiting.pollUnsafe()).toBeUndefined()
      yield* outsider.query("set default_transaction_read_only = off")
      yield* setReadOnly("off")
      expect(yield* answer(waiting)).toBe("accepted")
      expect(yield* titles).toEqual(["waiting"])
    })
  )

  it("is told by what the server says", () => {
    const said = (code: string, message = "") =>
      outageReason(
        new SqlError({
          reason: new UnknownError({ cause: Object.assign(new Error(message), { code }), message })
        })
      )
    expect(said("57P03", "the database system is starting up")).toBe("starting")
    expect(said("57P03", "the database system is shutting down")).toBe("stopping")
    expect(said("57P01")).toBe("stopping")
    expect(said("53300", "sorry, too many clients already")).toBe("too-many-connections")
    expect(said("53100")).toBe("disk-full")
    expect(said("28P01")).toBe("login-refused")
    expect(said("42601")).toBeUndefined()
    expect(said("23505")).toBeUndefined()
  })
})
