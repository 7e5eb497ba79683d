/**
 * The two hash chains that make the log tamper-evident. Pure; anyone can recompute them from the stored rows.
 *
 * - A thread's chain: `event.hash = sha256(previous ‖ envelope ‖ "\n" ‖ data)`. `previous` is the hash of the thread's event
 *   before it, as 64 hex digits (zeros before the first). `envelope` is the JSON array
 *   `[tenant, threadId, version, type, schemaVersion, commandId, causationId, correlationId, actor, at, encoding]`, written
 *   without spaces; `data` are the stored bytes of the event's data. All of it is UTF-8. JSON holds no raw line break in a
 *   string, so the first one ends the envelope and no two events have the same text. The position is left out: it is known
 *   only inside the append.
 * - The log's chain: `log_head.hash = sha256(previous ‖ position ‖ event.hash)`, over bytes: 32, 8 (big-endian) and 32.
 *
 * An inconsistent change is found wherever it is. Whoever rewrites everything after it consistently is found only by a
 * head that was kept elsewhere.
 */
import { Result } from "effect"
import { hash } from "node:crypto"
import type { EventRow, ThreadHead } from "./EventLog.ts"
import { threadKey } from "./threadKey.ts"

/** What comes before the first event, of a thread and of the log: 64 zeros. */
export const GENESIS_HASH = "0".repeat(64)

/** The hash (hex) of a thread's event, after the one before it. */
export const eventHash = (previous: string, row: Omit<EventRow, "hash">): string =>
  hash("sha256", `${previous}${envelopeOf(row)}\n${row.data}`, "hex")

const envelopeOf = (row: Omit<EventRow, "hash">): string =>
  JSON.stringify([
    row.tenant,
    row.threadId,
    row.version,
    row.type,
    row.schemaVersion,
    row.commandId,
    row.causationId,
    row.correlationId,
    row.actor,
    row.at,
    row.encoding
  ])

/** The log's hash (hex) once the event at `position` is in it. */
export const logHash = (previous: string, position: number, event: string): string => {
  const bytes = Buffer.alloc(72)
  bytes.write(previous, 0, "hex")
  bytes.writeBigInt64BE(BigInt(position), 32)
  bytes.write(event, 40, "hex")
  return hash("sha256", bytes, "hex")
}

/** An event as it lies in the log. */
export interface StoredRow extends EventRow {
  readonly position: number
}

/** Where the chains stand after a position. */
export interface ChainHeads {
  readonly position: number
  readonly hash: string
  /** By `threadKey`. A thread that is not here has no events yet. */
  readonly threads: ReadonlyMap<string, ThreadHead>
}

export const EMPTY_LOG: ChainHeads = { position: 0, hash: GENESIS_HASH, threads: new Map() }

/** The first place where the rows are not what was written. */
export interface Break {
  readonly position: number
  readonly broken: "position" | "version" | "hash"
  readonly message: string
}

/**
 * Folds both chains over rows in position order. The heads it ends with are for the next range; those of a whole log are
 * compared with the log's own head, which is what finds rows that swapped places or went missing at the end.
 */
export const verifyRange = (
  start: ChainHeads,
  rows: Iterable<StoredRow>
): Result.Result<ChainHeads, Break> => {
  const threads = new Map(start.threads)
  let { position, hash } = start
  const fail = (broken: Break["broken"], message: string) =>
    Result.fail({ position: position + 1, broken, message })
  for (const row of rows) {
    if (row.position !== position + 1) {
      return fail(
        "position",
        `Position ${position + 1} is missing: the next event stands at ${row.position}.`
      )
    }
    const key = threadKey(row)
    const head = threads.get(key)
    const version = (head?.version ?? 0) + 1
    if (row.version !== version) {
      return fail(
        "version",
        `${row.threadId} goes on with version ${row.version} where ${version} should stand.`
      )
    }
    const expected = eventHash(head?.hash ?? GENESIS_HASH, row)
    if (row.hash !== expected) {
      return fail(
        "hash",
        `Version ${version} of ${row.threadId} is not what was written, or what came before it is not.`
      )
    }
    position = row.position
    hash = logHash(hash, position, row.hash)
    threads.set(key, { version, hash: row.hash })
  }
  return Result.succeed({ position, hash, threads })
}
