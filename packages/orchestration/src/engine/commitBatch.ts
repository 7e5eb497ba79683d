/**
 * Takes a drained batch to its end: every entry is answered when this returns. Decided on committed state, committed as one append,
 * and decided again, on fresh states, whatever the append found in its way.
 *
 * While the database is away the batch is tried again, without the entries that have waited as long as they may. An append whose outcome
 * is not known is sent again until there is an answer, whoever still waits for it: nothing is decided before that is known.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Clock, Effect, Exit, Random } from "effect"
import { type Append, type AppendOutcome, EventLog, Unavailable } from "../EventLog.ts"
import { followAgain, Publisher } from "../Publisher.ts"
import { CommandFailed, LeaseLost } from "../EngineError.ts"
import type { TracedAppend } from "../tracing/commandSpans.ts"
import { type Answers, timesSince } from "./answers.ts"
import { conflictReceipt, type Decided, decideBatch, type DecidedBatch, isBehind } from "./decideBatch.ts"
import type { EngineMetrics } from "./engineMetrics.ts"
import type { EngineTraces } from "./engineTraces.ts"
import { type Entry, isAnswered, keyOf, tenantOf, threadOf } from "./Entry.ts"
import type { CommittedThread, ThreadCache } from "./ThreadCache.ts"

/** How often a batch is decided again before its commands are told to come back. Each round, another process has won. */
const MAX_ROUNDS = 200

/** Threads of refused commands that are looked at in the log at once. */
const REFUSED_READS = 8

/** The first and the longest pause before a batch is tried again that the database did not take. Milliseconds. */
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1_000

export const makeCommitBatch = Effect.fnUntraced(function* (options: {
  readonly cache: ThreadCache
  readonly metrics: EngineMetrics
  readonly traces: EngineTraces | null
  readonly answers: Answers
  /** No more is taken: what nobody waits for any more is left as it is. */
  readonly isClosing: () => boolean
}) {
  const { answers, cache, isClosing, metrics, traces } = options
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
   * settles it. Clients don't wait for it beyond their limit; runtime commands do.
   */
  const appendUntilKnown = (append: Append, entries: ReadonlyArray<Entry>) => {
    const isMoot = () =>
      isClosing() && entries.every((entry) => entry.kind === "runtime" || isAnswered(entry))
    return log.append(append).pipe(
      Effect.catchTag("OutcomeUnknown", (unknown) =>
        log.append(append).pipe(
          Effect.catchTag("Unavailable", () => Effect.fail(unknown)),
          Effect.retry({
            schedule: followAgain,
            while: (error) => error._tag === "OutcomeUnknown" && !isMoot()
          })
        )
      )
    )
  }

  /** In a row, whatever the batch. */
  let failures = 0

  const pause = Effect.gen(function* () {
    const longest = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE)
    failures++
    yield* Effect.sleep(longest * (0.5 + 0.5 * (yield* Random.next)))
  })

  /** The entries whose threads can be read, when some could not be. The others are answered: it is not the database that is away. */
  const readable = Effect.fnUntraced(function* (entries: ReadonlyArray<Entry>) {
    if (Exit.isFailure(yield* Effect.exit(log.head))) {
      yield* pause
      return entries
    }
    return yield* Effect.filter(entries, (entry) =>
      Effect.match(cache.get(tenantOf(entry), threadOf(entry)), {
        onSuccess: () => true,
        onFailure: (error) => {
          answers.fail(entry, error)
          return false
        }
      })
    )
  })

  const failAll = (entries: ReadonlyArray<Entry>, error: Parameters<Answers["fail"]>[1]): void => {
    for (const entry of entries) answers.fail(entry, error)
  }

  /** @param append what committed it; `null` when nothing did, and the batch is decided again. */
  const answer = (decided: Decided, append: TracedAppend | null): void => {
    const { entry } = decided
    if (decided.outcome === "poisoned") {
      return answers.fail(
        entry,
        new CommandFailed({
          message: "The command could not be decided.",
          cause: decided.defect,
          ...(decided.index !== undefined && { index: decided.index })
        })
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
    let round = 0
    while (true) {
      rest = rest.filter((entry) => !isAnswered(entry))
      if (rest.length === 0) return
      if (round === MAX_ROUNDS) {
        return failAll(
          rest,
          new Unavailable({ message: "The thread is written to from elsewhere too often. Send it again." })
        )
      }
      const loaded = yield* Effect.exit(loadThreads(rest))
      if (Exit.isFailure(loaded)) {
        rest = yield* readable(rest)
        continue
      }
      const now = yield* Clock.currentTimeMillis
      const batch = decideBatch(rest, loaded.value, new Date(now).toISOString())
      const outdated = yield* Effect.exit(writtenElsewhere(batch, loaded.value))
      if (Exit.isFailure(outdated)) {
        yield* pause
        continue
      }
      if (outdated.value.length > 0) {
        round++
        for (const key of outdated.value) cache.drop(key)
        continue
      }
      // Who was told that nothing was committed must not have it committed.
      if (rest.some(isAnswered)) continue
      for (const entry of rest) entry.isSent = true
      const since = performance.now()
      const result = yield* Effect.result(appendUntilKnown(batch.append, rest))

      if (result._tag === "Failure") {
        for (const key of batch.threads.keys()) cache.drop(key)
        if (result.failure._tag === "OutcomeUnknown") return failAll(rest, result.failure)
        for (const entry of rest) entry.isSent = false
        if (result.failure._tag === "Unavailable") {
          yield* pause
          continue
        }
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

      failures = 0
      const outcome = result.success
      const position =
        outcome._tag === "Committed" ? outcome.position : committedBefore(batch.append, outcome.taken)
      if (position !== undefined) {
        yield* settle(batch, position, loaded.value, since)
        return
      }
      metrics.conflict()
      round++
      for (const entry of rest) entry.isSent = false
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
