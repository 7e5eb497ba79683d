/** What was written is what is read, to the last code unit. */
import { DEFAULT_TENANT, TenantId, ThreadId } from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import type { ThreadSnapshot } from "../../EventLog.ts"
import { EMPTY_LOG, verifyRange } from "../../hash.ts"
import { appendOf, eventsAfter, NEW_THREAD, storedRows } from "../logRows.ts"
import type { LogTest } from "./LogTest.ts"

/** Texts that others have stored as something else. */
const AWKWARD = [
  "",
  " ",
  "null",
  "NULL",
  "[]",
  "{}",
  `{"a":1}`,
  `{"quoted","list"}`,
  `back\\slash \\" \\u0000 \\\\`,
  `'single' "double" \`tick\` $1 $$ %s`,
  "line\nbreak\r\n\ttab\v\f\b",
  "\u0000 nul \u0001\u001f\u007f\u0080",
  "\ud83d\ude00 pair, \ud83d lone high, \ude00 lone low",
  "e\u0301 \u00e9 \u202e\u2028\u2029\ufeff\ufffd\uffff",
  "日本語 עברית العربية 🏳️‍🌈",
  "x".repeat(200_000)
]

export const contentTests = (test: LogTest): void => {
  test("any text comes back exactly, and the chain over it holds", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const random = fc.sample(fc.string({ unit: "binary", maxLength: 200 }), { numRuns: 200, seed: 1 })
      const titles = [...AWKWARD, ...random]
      const rows = eventsAfter(NEW_THREAD, { threadId: "texts" }, titles)
      yield* log.append(appendOf({ events: rows }))
      const events = yield* log.readLog({ afterPosition: 0, limit: titles.length })
      expect(events.map((event) => (event.data as { readonly title: string }).title)).toEqual(titles)
      const { hash, position } = Result.getOrThrow(verifyRange(EMPTY_LOG, storedRows(events)))
      expect({ hash: events.at(-1)!.hash, position }).toEqual({
        hash: rows.at(-1)!.hash,
        position: titles.length
      })
      expect(hash).not.toBe(EMPTY_LOG.hash)
    }))

  test("the envelope comes back exactly, present or absent", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const full = {
        commandId: "command-1" as never,
        causationId: `{"not":"null"}`,
        correlationId: "NULL",
        actor: `"a, b" \\ {ünï} 🙂`,
        at: "0001-01-01T00:00:00.001Z",
        schemaVersion: 1
      }
      const [first] = eventsAfter(NEW_THREAD, { threadId: "a" }, ["x"], full)
      const [second] = eventsAfter(first!, { threadId: "a" }, ["y"], { at: "9999-12-31T23:59:59.999Z" })
      yield* log.append(appendOf({ events: [first!, second!] }))
      const { data: _, encoding: __, ...envelope } = first!
      const [one, two] = yield* log.readLog({ afterPosition: 0, limit: 2 })
      expect(one).toEqual({ ...envelope, position: 1, data: { title: "x" } })
      expect(two).toMatchObject({ at: second!.at, commandId: null, causationId: null, correlationId: null })
    }))

  test("a time that would be stored as another text is invalid", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      for (const at of [
        "2026-11-20T12:34:56Z",
        "2026-11-20T12:34:56.7891Z",
        "2026-02-30T00:00:00.000Z",
        "today"
      ]) {
        const events = eventsAfter(NEW_THREAD, { threadId: "a" }, ["x"], { at })
        expect((yield* Effect.flip(log.append(appendOf({ events }))))._tag).toBe("AppendInvalid")
      }
    }))

  test("reads start after a version or position, stop at the limit, and keep tenants apart", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const threadId = ThreadId.make("same")
      const other = TenantId.make("other")
      const mine = eventsAfter(NEW_THREAD, { threadId }, ["1", "2", "3", "4"])
      const theirs = eventsAfter(NEW_THREAD, { threadId, tenant: other }, ["a", "b"])
      yield* log.append(appendOf({ events: mine.slice(0, 2) }))
      yield* log.append(appendOf({ events: theirs }))
      yield* log.append(appendOf({ events: mine.slice(2) }))
      const titles = (events: ReadonlyArray<{ readonly data: unknown }>) =>
        events.map((event) => (event.data as { readonly title: string }).title)
      const thread = (tenant: TenantId, afterVersion: number, limit: number) =>
        Effect.map(log.readThread({ tenant, threadId, afterVersion, limit }), titles)
      expect(yield* thread(DEFAULT_TENANT, 0, 10)).toEqual(["1", "2", "3", "4"])
      expect(yield* thread(DEFAULT_TENANT, 1, 2)).toEqual(["2", "3"])
      expect(yield* thread(DEFAULT_TENANT, 4, 10)).toEqual([])
      expect(yield* thread(other, 0, 10)).toEqual(["a", "b"])
      const all = yield* log.readLog({ afterPosition: 1, limit: 4 })
      expect(titles(all)).toEqual(["2", "a", "b", "3"])
      expect(all.map((event) => event.position)).toEqual([2, 3, 4, 5])
      expect(yield* log.readLog({ afterPosition: 6, limit: 4 })).toEqual([])
    }))

  test("the newest snapshot of a thread is kept, exactly", (start) =>
    Effect.gen(function* () {
      const { log } = yield* start
      const threadId = ThreadId.make("a")
      const snapshot = (version: number, state: unknown, shape = 1): ThreadSnapshot => ({
        tenant: DEFAULT_TENANT,
        threadId,
        version,
        hash: version.toString(16).padStart(64, "0"),
        shape,
        state
      })
      const kept = Effect.suspend(() => log.snapshot(DEFAULT_TENANT, threadId))
      const second = snapshot(2, { texts: AWKWARD.slice(0, -1), nested: { none: null, count: 1.5 } })
      yield* log.keepSnapshot(second)
      expect(yield* kept).toEqual(second)
      yield* log.keepSnapshot(snapshot(1, "older"))
      expect(yield* kept).toEqual(second)
      yield* log.keepSnapshot(snapshot(2, "another shape", 2))
      expect(yield* kept).toEqual(snapshot(2, "another shape", 2))
      yield* log.keepSnapshot(snapshot(3, [1, 2, 3]))
      expect(yield* kept).toEqual(snapshot(3, [1, 2, 3]))
      expect(yield* log.snapshot(TenantId.make("other"), threadId)).toBeUndefined()
    }))
}
