/**
 * How far reactors have acted, as a cursor in the log's database. It may lag behind: acting looks at the folded state. It matters at
 * boot, to tell a turn that was just asked for from one in an imported history, which must not call a model.
 */
import type { SessionId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"

const REACTOR = "spillway/reactor" as SessionId

/** The position up to which reactors have acted; 0 in a new log. */
export const reactorCheckpoint = Effect.gen(function* () {
  const log = yield* EventLog
  const cursor = yield* log.cursor(REACTOR)
  return cursor?.through ?? 0
})

/** Says that reactors have acted up to a position: what an import does, and what `keepReactorCheckpoint` does each second. */
export const moveReactorCheckpoint = Effect.fnUntraced(function* (epoch: number, through: number) {
  const log = yield* EventLog
  yield* log.append({
    events: [],
    receipts: [],
    cursors: [{ sessionId: REACTOR, generation: epoch, through }],
    checkpoints: [],
    ended: [],
    epoch
  })
})

export const keepReactorCheckpoint = Effect.fnUntraced(function* (epoch: number, acted: () => number) {
  let kept = -1
  while (true) {
    const through = acted()
    if (through !== kept) {
      kept = yield* moveReactorCheckpoint(epoch, through).pipe(
        Effect.as(through),
        Effect.orElseSucceed(() => kept)
      )
    }
    yield* Effect.sleep("1 second")
  }
})
