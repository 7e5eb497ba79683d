import { describe, expect, it } from "@effect/vitest"
import type { LoggedEvent } from "@spillway/contracts"
import { Unavailable } from "@spillway/orchestration"
import { Effect, Fiber } from "effect"
import * as fc from "fast-check"
import { eventOf } from "../../testing/numberedEvents.ts"
import { EventFeed } from "./EventFeed.ts"

/** A log that a test commits to, and a feed of it. */
const feedOf = (after: number) => {
  let committed = 0
  let reads = 0
  const feed = new EventFeed(after, (version, limit) =>
    Effect.suspend(() => {
      reads++
      return Effect.succeed(
        Array.from({ length: Math.min(limit, Math.max(0, committed - version)) }, (_, i) =>
          eventOf(version + 1 + i)
        )
      )
    })
  )
  return {
    feed,
    reads: () => reads,
    /** Commits, and publishes at once or later. */
    commit: () => eventOf(++committed)
  }
}

const versionsOf = (events: ReadonlyArray<LoggedEvent>) => events.map(({ version }) => version)

describe("EventFeed", () => {
  it.effect("reads nothing from the log while its consumer keeps up", () =>
    Effect.gen(function* () {
      const { commit, feed, reads } = feedOf(0)
      feed.onEvent(commit())
      expect(versionsOf(yield* feed.next)).toEqual([1])
      const before = reads()
      for (let version = 2; version < 500; version++) {
        feed.onEvent(commit())
        expect(versionsOf(yield* feed.next)).toEqual([version])
      }
      expect(reads()).toBe(before)
    })
  )

  it.effect("holds a bounded number of events for a consumer that does not come, and reads them again", () =>
    Effect.gen(function* () {
      const { commit, feed } = feedOf(0)
      expect(yield* feed.now).toEqual([])
      for (let i = 0; i < 10_000; i++) {
        feed.onEvent(commit())
        expect(feed.waiting).toBeLessThanOrEqual(256)
      }
      const seen: Array<number> = []
      while (seen.length < 10_000) seen.push(...versionsOf(yield* feed.next))
      expect(seen).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1))
    })
  )

  it.effect("wakes its consumer for an event, and for nothing that it has seen", () =>
    Effect.gen(function* () {
      const { commit, feed } = feedOf(0)
      const first = commit()
      feed.onEvent(first)
      expect(versionsOf(yield* feed.next)).toEqual([1])
      const next = yield* Effect.forkChild(feed.next, { startImmediately: true })
      feed.onEvent(first)
      feed.onEvent(commit())
      expect(versionsOf(yield* Fiber.join(next))).toEqual([2])
    })
  )

  it.live("waits while the log can't be read", () =>
    Effect.gen(function* () {
      let failures = 2
      const feed = new EventFeed(0, () =>
        Effect.suspend(() =>
          failures-- > 0 ? Effect.fail(new Unavailable({ message: "Away." })) : Effect.succeed([eventOf(1)])
        )
      )
      expect(versionsOf(yield* feed.next)).toEqual([1])
    })
  )

  it("whatever is committed, published and pulled in which order: every event once, in order", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5 }),
        fc.array(
          fc.oneof(
            fc.record({ do: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 400 }) }),
            fc.record({ do: fc.constant("publish" as const), count: fc.integer({ min: 1, max: 400 }) }),
            fc.record({ do: fc.constant("pull" as const), count: fc.constant(1) })
          ),
          { maxLength: 30 }
        ),
        (after, steps) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const { commit, feed } = feedOf(after)
              const committed: Array<LoggedEvent> = []
              const seen: Array<number> = []
              let published = 0
              const publish = (count: number) => {
                for (const event of committed.slice(published, published + count)) feed.onEvent(event)
                published = Math.min(committed.length, published + count)
              }
              for (const step of steps) {
                if (step.do === "commit") for (let i = 0; i < step.count; i++) committed.push(commit())
                else if (step.do === "publish") publish(step.count)
                else seen.push(...versionsOf(yield* feed.now))
              }
              publish(committed.length)
              for (let events = yield* feed.now; events.length > 0; events = yield* feed.now)
                seen.push(...versionsOf(events))
              expect(seen).toEqual(versionsOf(committed.slice(after)))
            })
          )
      )
    ))
})
