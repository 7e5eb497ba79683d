/**
 * How far the log is history: what was put in by an import, and asked of nobody here. Its open turns are closed, and call no model. Kept as
 * a cursor in the log's database.
 */
import type { SessionId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { NodeLease } from "../NodeLease.ts"

const HISTORY = "spillway/history" as SessionId

/** What an earlier version kept instead: there is nothing imported behind it. */
const FORMER = "spillway/reactor" as SessionId

/** The position up to which the log is history; `null` where nobody has said so: all of it is. */
const historyThrough = Effect.gen(function* () {
  const log = yield* EventLog
  const cursor = yield* log.cursor(HISTORY)
  if (cursor !== undefined) return cursor.through
  return (yield* log.cursor(FORMER)) === undefined ? null : 0
})

/** Says that the log is history up to a position. What an import does when it is done. */
export const markHistory = Effect.fnUntraced(function* (epoch: number, through: number) {
  const log = yield* EventLog
  yield* log.append({
    events: [],
    receipts: [],
    cursors: [{ sessionId: HISTORY, generation: epoch, through }],
    checkpoints: [],
    ended: [],
    epoch
  })
})

/**
 * How far the log is history, which the first holder of its lease says once and for all: what is there when that comes was put in, also where
 * an import has said nothing.
 */
export const settleHistory = Effect.fnUntraced(function* (epoch: number) {
  const log = yield* EventLog
  const through = yield* historyThrough
  if (through !== null) return through
  const head = yield* log.head
  yield* markHistory(epoch, head)
  return head
})

/** Does so before this process takes commands, if it holds the lease then: what it is asked for is told apart from what was there. */
export const settleHistoryFirst = Effect.gen(function* () {
  const epoch = yield* (yield* NodeLease).epoch
  if (epoch !== null) yield* settleHistory(epoch)
}).pipe(
  // Reactors do so before anything else.
  Effect.ignore
)
