import { type LoggedEvent, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Deferred, Effect, Exit, Latch, Layer, Queue, Scope } from "effect"
import { Publisher } from "../Publisher.ts"
import { logStack, process } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import * as PostgresSubscriptions from "./PostgresSubscriptions.ts"
import { type SubscriptionDefinition, Subscriptions } from "./Subscriptions.ts"

/** So short that a test sees hands change. Milliseconds. */
const times = { heartbeat: 100, duration: 400, look: 20 }

const retry = { attempts: 3, firstDelay: 1, longestDelay: 2 }

/** Another process on the same database. */
const anotherProcess = Effect.gen(function* () {
  const database = yield* TestDatabase
  return yield* Layer.build(
    PostgresSubscriptions.layer(times).pipe(
      Layer.provideMerge(Publisher.layer),
      Layer.provideMerge(process),
      Layer.provide(Layer.succeed(TestDatabase, database)),
      Layer.fresh
    )
  )
})

const stack = PostgresSubscriptions.layer(times).pipe(Layer.provideMerge(logStack))

/** Commits that many events, and answers the last position. */
const grow = Effect.fnUntraced(function* (events: number) {
  const log = yield* ThreadLog
  return yield* log.append(
    Array.from({ length: events }, (_, i) => ({
      threadId: ThreadId.make(`thread-${i % 3}`),
      event:
        i % 4 === 3
          ? ({ type: "thread.archived", data: {} } as const)
          : ({ type: "thread.updated", data: { title: `title ${i}` } } as const)
    }))
  )
})

const positionsOf = (events: ReadonlyArray<LoggedEvent>) => events.map(({ position }) => position)

/** After the first, up to the second. */
const positions = (after: number, to: number) => Array.from({ length: to - after }, (_, i) => after + i + 1)

/** Notes every position that it handles. */
const recorder = (name: string, but: Partial<SubscriptionDefinition<never, never>> = {}) => {
  const seen: Array<number> = []
  const definition: SubscriptionDefinition<never, never> = {
    name,
    retry,
    handle: (events) => Effect.sync(() => void seen.push(...positionsOf(events))),
    ...but
  }
  return { seen, definition }
}

/** Runs it in a scope that the test closes. */
const start = Effect.fnUntraced(function* <E>(definition: SubscriptionDefinition<E, never>) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  yield* Scope.provide((yield* Subscriptions).run(definition), scope)
  return { stop: Scope.close(scope, Exit.void) }
})

layer(stack, { excludeTestServices: true })("a durable subscription", (it) => {
  it.effect("handles every event in order, and goes on from its checkpoint when it is run again", () =>
    Effect.gen(function* () {
      const subscriptions = yield* Subscriptions
      const one = recorder("again", { batchSize: 7 })
      const first = yield* start(one.definition)
      yield* subscriptions.waitFor("again", yield* grow(30))
      yield* first.stop
      const head = yield* grow(30)
      expect(yield* subscriptions.status("again")).toMatchObject({ state: "idle", behind: 30, failures: 0 })
      const two = recorder("again", { from: "now" })
      yield* start(two.definition)
      yield* subscriptions.waitFor("again", head)
      expect([...one.seen, ...two.seen]).toEqual(positions(0, head))
      expect(yield* subscriptions.status("again")).toMatchObject({
        position: head,
        state: "running",
        behind: 0
      })
    })
  )

  it.effect("begins where it is told to, and leaves out what it does not want", () =>
    Effect.gen(function* () {
      const subscriptions = yield* Subscriptions
      const before = yield* grow(12)
      const now = recorder("now", { from: "now" })
      const after = recorder("after", { from: { after: before - 2 } })
      const some = recorder("some", { types: ["thread.archived"], batchSize: 2 })
      for (const { definition } of [now, after, some]) yield* start(definition)
      const head = yield* grow(8)
      for (const name of ["now", "after", "some"]) yield* subscriptions.waitFor(name, head)
      expect(now.seen).toEqual(positions(before, head))
      expect(after.seen).toEqual(positions(before - 2, head))
      const all = recorder("all")
      const archived: Array<number> = []
      yield* start({
        ...all.definition,
        handle: (events) =>
          Effect.sync(
            () => void archived.push(...positionsOf(events.filter(({ type }) => type === "thread.archived")))
          )
      })
      yield* subscriptions.waitFor("all", head)
      expect(some.seen).toEqual(archived)
      expect(some.seen.length).toBeGreaterThan(3)
    })
  )

  it.effect("stores that it has passed what it does not want", () =>
    Effect.gen(function* () {
      const subscriptions = yield* Subscriptions
      const none = recorder("none", { types: ["thread.deleted"] })
      const running = yield* start(none.definition)
      const head = yield* grow(9)
      yield* subscriptions.waitFor("none", head)
      yield* running.stop
      expect(yield* subscriptions.status("none")).toMatchObject({ position: head, behind: 0, state: "idle" })
      expect(none.seen).toEqual([])
    })
  )

  it.effect("is run by one of two processes; when that one stops the other goes on", () =>
    Effect.gen(function* () {
      const name = "two"
      const subscriptions = yield* Subscriptions
      const handled = yield* Queue.unbounded<{ readonly by: string; readonly position: number }>()
      const by = (who: string): SubscriptionDefinition<never, never> => ({
        name,
        from: "now",
        handle: (events) =>
          Queue.offerAll(
            handled,
            events.map(({ position }) => ({ by: who, position }))
          )
      })
      const one = yield* start(by("one"))
      const other = yield* anotherProcess
      const two = yield* start(by("two")).pipe(Effect.provideContext(other))
      const before = yield* grow(0)
      const middle = yield* grow(5)
      yield* subscriptions.waitFor(name, middle)
      const first = yield* Queue.takeAll(handled)
      const winner = first[0].by
      expect(first).toEqual(positions(before, middle).map((position) => ({ by: winner, position })))
      yield* winner === "one" ? one.stop : two.stop
      const head = yield* grow(5)
      yield* subscriptions.waitFor(name, head)
      const loser = winner === "one" ? "two" : "one"
      expect(yield* Queue.takeAll(handled)).toEqual(
        positions(middle, head).map((position) => ({ by: loser, position }))
      )
    })
  )

  it.effect("stops at an event that it can't handle, says why, and has handled those before it", () =>
    Effect.gen(function* () {
      const name = "poison"
      const subscriptions = yield* Subscriptions
      const before = yield* grow(60)
      const poison = before - 23
      let tries = 0
      const seen: Array<number> = []
      const definition: SubscriptionDefinition<never, never> = {
        name,
        retry,
        handle: (events) =>
          Effect.suspend(() => {
            seen.push(...positionsOf(events))
            if (!events.some(({ position }) => position === poison)) return Effect.void
            if (events.length === 1) tries++
            return Effect.die(new Error("I can't count this"))
          })
      }
      yield* start(definition)
      const stopped = yield* Effect.flip(subscriptions.waitFor(name, before))
      expect(stopped).toMatchObject({ _tag: "SubscriptionStopped", position: poison - 1 })
      expect(stopped.message).toContain(`position ${poison} `)
      expect(stopped.message).toContain("I can't count this")
      expect(tries).toBe(retry.attempts)
      expect(yield* subscriptions.status(name)).toMatchObject({
        state: "stopped",
        position: poison - 1,
        failures: retry.attempts,
        failure: stopped.message
      })
      expect(new Set(seen.filter((position) => position < poison))).toEqual(new Set(positions(0, poison - 1)))

      // Reset to behind it, it goes on by itself.
      yield* subscriptions.reset(name, { after: poison })
      yield* subscriptions.waitFor(name, before)
      expect(yield* subscriptions.status(name)).toMatchObject({
        state: "running",
        failures: 0,
        failure: null
      })
    })
  )

  it.effect("tries again what has stopped when it is run anew", () =>
    Effect.gen(function* () {
      const name = "mended"
      const subscriptions = yield* Subscriptions
      const head = yield* grow(5)
      const broken = yield* start({
        ...recorder(name).definition,
        handle: () => Effect.die(new Error("broken"))
      })
      yield* Effect.flip(subscriptions.waitFor(name, head))
      yield* broken.stop
      const mended = recorder(name)
      yield* start(mended.definition)
      yield* subscriptions.waitFor(name, head)
      expect(mended.seen).toEqual(positions(0, head))
    })
  )

  it.effect("goes back when it is reset, and interrupts what it handles meanwhile", () =>
    Effect.gen(function* () {
      const name = "reset"
      const subscriptions = yield* Subscriptions
      const head = yield* grow(5)
      const inside = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const seen: Array<number> = []
      let hang = true
      yield* start({
        name,
        handle: (events) =>
          Effect.gen(function* () {
            if (hang) {
              yield* Deferred.succeed(inside, undefined)
              return yield* Effect.never
            }
            return void seen.push(...positionsOf(events))
          }).pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)))
      })
      yield* Deferred.await(inside)
      hang = false
      yield* subscriptions.reset(name, { after: 2 })
      yield* Deferred.await(interrupted)
      yield* subscriptions.waitFor(name, head)
      expect(seen).toEqual(positions(2, head))
      yield* subscriptions.reset(name, "beginning")
      yield* subscriptions.waitFor(name, head)
      expect(seen).toEqual([...positions(2, head), ...positions(0, head)])
    })
  )

  it.effect("lets the batch that is under way end when it is stopped", () =>
    Effect.gen(function* () {
      const name = "ends"
      const subscriptions = yield* Subscriptions
      const inside = yield* Deferred.make<void>()
      const goOn = yield* Latch.make()
      const running = yield* start({
        name,
        from: "now",
        handle: () => Effect.andThen(Deferred.succeed(inside, undefined), goOn.await)
      })
      const head = yield* grow(3)
      yield* Deferred.await(inside)
      yield* Effect.all([running.stop, goOn.open], { concurrency: 2 })
      expect(yield* subscriptions.status(name)).toMatchObject({ position: head, state: "idle" })
    })
  )

  it.effect("is told of by name, forgotten once nobody runs it, and refused where it can't be meant", () =>
    Effect.gen(function* () {
      const subscriptions = yield* Subscriptions
      const running = yield* start(recorder("known").definition)
      expect((yield* subscriptions.all).map(({ name }) => name)).toContain("known")
      yield* subscriptions.waitFor("known", yield* grow(1))
      expect(yield* Effect.flip(subscriptions.remove("known"))).toMatchObject({ _tag: "SubscriptionInUse" })
      yield* running.stop
      yield* subscriptions.remove("known")
      const unknown = { _tag: "SubscriptionUnknown", name: "known" }
      expect(yield* Effect.flip(subscriptions.status("known"))).toMatchObject(unknown)
      expect(yield* Effect.flip(subscriptions.reset("known", "now"))).toMatchObject(unknown)
      expect(yield* Effect.flip(subscriptions.remove("known"))).toMatchObject(unknown)
      expect(yield* Effect.flip(subscriptions.waitFor("known", 1))).toMatchObject(unknown)
      for (const wrong of [
        { name: "with space" },
        { batchSize: 0 },
        { retry: { attempts: 0 } },
        { from: { after: -1 } }
      ]) {
        const { definition } = recorder("wrong", wrong)
        expect(yield* Effect.flip(Effect.scoped(subscriptions.run(definition)))).toMatchObject({
          _tag: "SubscriptionInvalid"
        })
      }
    })
  )
})
