/**
 * Takes a drained batch to its end: every entry is answered when this returns. Decided on committed state, committed as one append,
 * and decided again, on fresh states, whatever the append found in its way.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Clock, Effect, Exit, Schedule } from "effect"
import { type Append, type AppendOutcome, AppendInvalid, EventLog, Unavailable } from "../EventLog.ts"
import { Publisher } from "../Publisher.ts"
import { CommandFailed, LeaseLost } from "../EngineError.ts"
import type { TracedAppend } from "../tracing/commandSpans.ts"
import { type Answers, timesSince } from "./answers.ts"
import { conflictReceipt, type Decided, decideBatch, type DecidedBatch, isBehind } from "./decideBatch.ts"
import type { EngineMetrics } from "./engineMetrics.ts"
import type { EngineTraces } from "./engineTraces.ts"
import { type Entry, keyOf, tenantOf, threadOf } from "./Entry.ts"
import type { CommittedThread, ThreadCache } from "./ThreadCache.ts"

/** How often a batch is decided again before its commands are told to come back. Each round, another process has won. */
const MAX_ROUNDS = 200

/** Threads of refused commands that are looked at in the log at once. */
const REFUSED_READS = 8

/** After a connection dropped at commit, the same append goes out again at these intervals, for up to 30 s. */
const resend = Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("2 seconds")]).pipe(
  Schedule.while(({ elapsed }) => elapsed < 30_000)
)

export const makeCommitBatch = Effect.fnUntraced(function* (options: {
  readonly cache: ThreadCache
  readonly metrics: EngineMetrics
  readonly traces: EngineTraces | null
  readonly answers: Answers
}) {
  const { answers, cache, metrics, traces } = options
  const log = yield* EventLog
  const publisher = yield* Publisher

  const loadThreads = Effect.fnUntraced(function* (entries: ReadonlyArray<Entry>) {
    const threads = new Map<string, CommittedThread>()
    for (const entry of entries) {
      const key = keyOf(entry)
      if (threads.has(key)) continue
      cache.begin(key)
      threads.set(key, cache.peek(key) ?? (yield* cache.get(tenantOf(entry), threadOf(entry))))
    }
    return threads
  })

  /**
   * The threads of refused commands that another process has written to: the refusal may never have been true, and an append in which
   * the command has no event would not notice.
   */
  const writtenElsewhere = (batch: DecidedBatch, loaded: ReadonlyMap<string, CommittedThread>) =>
    Effect.filter(
      new Set(batch.decided.filter(isRefused).map(({ entry }) => keyOf(entry))),
      (key) => {
        const { tenant, threadId, version } = loaded.get(key)!.state
        return Effect.map(
          log.readThread({ tenant, threadId, afterVersion: version, limit: 1 }),
          (events) => events.length > 0
        )
      },
      { concurrency: REFUSED_READS }
    )

  /**
   * One append to a known outcome. Once an outcome was unknown, being unable to reach the log leaves it unknown: only an answer
   * settles it.
   */
  const appendOnce = (append: Append) =>
    log.append(append).pipe(
      Effect.catchTag("OutcomeUnknown", (unknown) =>
        log.append(append).pipe(
          Effect.catchTag("Unavailable", () => Effect.fail(unknown)),
          Effect.retry({ schedule: resend, while: (error) => error._tag === "OutcomeUnknown" })
        )
      )
    )

  const failAll = (entries: ReadonlyArray<Entry>, error: Parameters<Answers["fail"]>[1]): void => {
    for (const entry of entries) answers.fail(entry, error)
  }

  /** @param append what committed it; `null` when nothing did, and the batch is decided again. */
  const answer = (decided: Decided, append: TracedAppend | null): void => {
    const { entry } = decided
    if (decided.outcome === "poisoned") {
      return answers.fail(
        entry,
        new CommandFailed({ message: "The command could not be decided.", cause: decided.defect })
      )
    }
    if (entry.kind === "client" && "fingerprint" in decided.outcome) {
      answers.receipt(entry, decided.outcome, append)
    } else if (entry.kind === "runtime" && "_tag" in decided.outcome) {
      answers.outcome(entry, decided.outcome)
    }
  }

  /** Answers the entries that the refusal settles, and gives back those to be decided again. */
  const remaining = (batch: DecidedBatch, refused: Refused): ReadonlyArray<Entry> => {
    const receipts = new Map(refused.receipts.map((row) => [`${row.tenant} ${row.commandId}`, row]))
    const cursors = new Map(refused.cursors.map((row) => [row.sessionId, row]))
    return batch.decided.flatMap((decided): ReadonlyArray<Entry> => {
      const { entry } = decided
      if (decided.outcome === "poisoned") {
        answer(decided, null)
        return []
      }
      if (entry.kind === "client") {
        const stored = receipts.get(`${entry.origin.tenant} ${entry.command.commandId}`)
        if (stored === undefined) return [entry]
        const same = stored.fingerprint === entry.fingerprint && stored.threadId === entry.command.threadId
        answers.receipt(entry, same ? stored : conflictReceipt(entry, stored.at))
        return []
      }
      if (refused.fenced) {
        answers.leaseLost(entry, leaseLost)
        return []
      }
      const cursor = entry.batch.cursor
      const stored = cursor && cursors.get(cursor.sessionId)
      if (!stored || !isBehind(cursor, stored)) return [entry]
      answers.outcome(entry, { _tag: "Superseded" })
      return []
    })
  }

  const commitBatch = Effect.fnUntraced(function* (entries: ReadonlyArray<Entry>): Effect.fn.Return<void> {
    let rest = entries
    for (let round = 0; rest.length > 0; round++) {
      if (round === MAX_ROUNDS) {
        return failAll(
          rest,
          new Unavailable({ message: "The thread is written to from elsewhere too often. Send it again." })
        )
      }
      const loaded = yield* Effect.exit(loadThreads(rest))
      if (Exit.isFailure(loaded)) return failAll(rest, unavailable(loaded.cause))
      const now = yield* Clock.currentTimeMillis
      const batch = decideBatch(rest, loaded.value, new Date(now).toISOString())
      const outdated = yield* Effect.exit(writtenElsewhere(batch, loaded.value))
      if (Exit.isFailure(outdated)) return failAll(rest, unavailable(outdated.cause))
      if (outdated.value.length > 0) {
        for (const key of outdated.value) cache.drop(key)
        continue
      }
      const since = performance.now()
      const result = yield* Effect.result(appendOnce(batch.append))

      if (result._tag === "Failure") {
        for (const key of batch.threads.keys()) cache.drop(key)
        if (!(result.failure instanceof AppendInvalid)) return failAll(rest, result.failure)
        if (rest.length === 1) {
          return failAll(
            rest,
            new CommandFailed({ message: "The command could not be stored.", cause: result.failure })
          )
        }
        // One of them can't be stored; its neighbours can.
        const half = Math.ceil(rest.length / 2)
        yield* commitBatch(rest.slice(0, half))
        yield* commitBatch(rest.slice(half))
        return
      }

      const outcome = result.success
      const position =
        outcome._tag === "Committed" ? outcome.position : committedBefore(batch.append, outcome.taken)
      if (position !== undefined) {
        yield* settle(batch, position, loaded.value, since)
        return
      }
      metrics.conflict()
      for (const key of batch.threads.keys()) cache.drop(key)
      rest = remaining(batch, outcome as Refused)
    }
  })

  const settle = Effect.fnUntraced(function* (
    batch: DecidedBatch,
    position: number,
    before: ReadonlyMap<string, CommittedThread>,
    since: number
  ) {
    const events = batch.events.map((event, i) => ({ ...event, position: position + i }) as LoggedEvent)
    metrics.committed(batch.decided.length, events, performance.now() - since)
    const append = traces === null ? null : traces.committed(batch, events, timesSince(since))
    for (const thread of batch.threads.values()) cache.settle(thread)
    for (const decided of batch.decided) answer(decided, append)
    yield* publisher.publish(events)
    yield* cache.keepDueSnapshots(before, batch.threads)
  })

  return (entries: ReadonlyArray<Entry>) => Effect.ensuring(commitBatch(entries), Effect.sync(cache.end))
})

const isRefused = ({ outcome }: Decided): boolean =>
  outcome !== "poisoned" && ("status" in outcome ? outcome.status === "rejected" : outcome._tag === "Refused")

type Refused = Extract<AppendOutcome, { readonly _tag: "Refused" }>

const unavailable = (cause: unknown): Unavailable =>
  new Unavailable({ message: "The log can't be read now. Send the command again.", cause })

/** The position of the append's first event, when it went in by an earlier try whose answer was lost. */
const committedBefore = (append: Append, taken: Refused["taken"]): number | undefined => {
  if (append.events.length === 0 || taken.length !== append.events.length) return undefined
  const hashes = new Set(taken.map((version) => version.hash))
  if (!append.events.every((event) => hashes.has(event.hash))) return undefined
  return taken.reduce((least, version) => Math.min(least, version.position), Number.POSITIVE_INFINITY)
}

export const leaseLost = new LeaseLost({
  message: "Another process holds the lease now; this one runs no sessions."
})
