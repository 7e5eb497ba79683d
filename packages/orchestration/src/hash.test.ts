import { TenantId, ThreadId } from "@spillway/contracts"
import { expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { EMPTY_LOG, eventHash, GENESIS_HASH, logHash, type StoredRow, verifyRange } from "./hash.ts"
import { eventsAfter, headAfter } from "./testing/logRows.ts"

/** A log of three threads of two tenants, eight events each, taking turns. */
const written = (): ReadonlyArray<StoredRow> => {
  const heads = new Map<number, { readonly version: number; readonly hash: string }>()
  return Array.from({ length: 24 }, (_, i) => {
    const thread = i % 3
    const tenant = TenantId.make(thread === 2 ? "other" : "default")
    const rows = eventsAfter(
      heads.get(thread) ?? { version: 0, hash: GENESIS_HASH },
      { tenant, threadId: `thread-${thread % 2}` },
      [`title ${i}`]
    )
    heads.set(thread, headAfter(rows))
    return { ...rows[0]!, position: i + 1 }
  })
}

const rows = written()
const sound = Result.getOrThrow(verifyRange(EMPTY_LOG, rows))

const isFound = (changed: ReadonlyArray<StoredRow>): boolean => {
  const result = verifyRange(EMPTY_LOG, changed)
  return (
    Result.isFailure(result) ||
    result.success.hash !== sound.hash ||
    result.success.position !== sound.position
  )
}

it("a thread's chain is sha256 over the previous hash, the envelope as JSON, a line break and the data", () => {
  const row = {
    ...eventsAfter({ version: 0, hash: GENESIS_HASH }, { threadId: "a" }, ['say "ünï"'])[0]!,
    correlationId: "line\nbreak"
  }
  const text = `${GENESIS_HASH}["default","a",1,"thread.updated",1,null,null,"line\\nbreak","someone","2026-11-20T12:34:56.789Z",0]\n{"title":"say \\"ünï\\""}`
  expect(eventHash(GENESIS_HASH, row)).toBe(createHash("sha256").update(text, "utf8").digest("hex"))
})

it("the log's chain is sha256 over the previous hash, the position in 8 bytes and the event's hash", () => {
  const event = "ab".repeat(32)
  const position = 2 ** 40 + 3
  const bytes = `${"cd".repeat(32)}${position.toString(16).padStart(16, "0")}${event}`
  expect(logHash("cd".repeat(32), position, event)).toBe(
    createHash("sha256").update(Buffer.from(bytes, "hex")).digest("hex")
  )
})

it("two different envelopes never have the same text", () => {
  const text = fc.constantFrom("", "a", ",", '"', '","', "\n", "null", "\\", "[", "]")
  const field = fc.option(text)
  fc.assert(
    fc.property(
      fc.tuple(field, field, field, text, text),
      fc.tuple(field, field, field, text, text),
      (one, two) => {
        const hashOf = ([commandId, causationId, correlationId, actor, data]: typeof one) =>
          eventHash(GENESIS_HASH, {
            ...rows[0]!,
            commandId: commandId as never,
            causationId,
            correlationId,
            actor,
            data
          })
        expect(hashOf(one) === hashOf(two)).toBe(JSON.stringify(one) === JSON.stringify(two))
      }
    )
  )
})

it("a log that was left alone verifies, whole and in any ranges", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: rows.length }), { maxLength: 5 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), rows.length]
      let heads = EMPTY_LOG
      for (let i = 1; i < edges.length; i++) {
        heads = Result.getOrThrow(verifyRange(heads, rows.slice(edges[i - 1], edges[i])))
      }
      expect(heads).toEqual(sound)
    })
  )
})

it("a changed field of any row is found at its position", () => {
  const changes: ReadonlyArray<(row: StoredRow) => Partial<StoredRow>> = [
    (row) => ({ data: row.data.replace("title", "tit1e") }),
    (row) => ({ data: `${row.data} ` }),
    () => ({ actor: "someone else" }),
    () => ({ at: "2026-11-20T12:34:56.788Z" }),
    () => ({ type: "thread.created" }),
    () => ({ encoding: 1 }),
    () => ({ schemaVersion: 2 }),
    () => ({ commandId: "command" as never }),
    () => ({ causationId: "cause" }),
    () => ({ correlationId: "" }),
    (row) => ({ version: row.version + 1 }),
    () => ({ tenant: TenantId.make("third") }),
    () => ({ threadId: ThreadId.make("thread-9") }),
    (row) => ({ hash: row.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }),
    (row) => ({ position: row.position + 100 })
  ]
  for (const change of changes) {
    for (const [i, row] of rows.entries()) {
      const result = verifyRange(EMPTY_LOG, rows.with(i, { ...row, ...change(row) }))
      expect(Result.isFailure(result) && result.failure.position).toBe(row.position)
    }
  }
})

it("a row that is missing, doubled or in another's place is found", () => {
  const index = fc.integer({ min: 0, max: rows.length - 1 })
  fc.assert(
    fc.property(index, index, (i, j) => {
      expect(isFound(rows.toSpliced(i, 1))).toBe(true)
      expect(isFound(rows.toSpliced(i, 0, rows[j]!))).toBe(true)
      if (i === j) return
      const swapped = rows.with(i, rows[j]!).with(j, rows[i]!)
      expect(isFound(swapped)).toBe(true)
      // Also when the positions were put right.
      expect(isFound(swapped.map((row, at) => ({ ...row, position: at + 1 })))).toBe(true)
      // A row taken out, and the rest moved up.
      expect(isFound(rows.toSpliced(i, 1).map((row, at) => ({ ...row, position: at + 1 })))).toBe(true)
    })
  )
})
