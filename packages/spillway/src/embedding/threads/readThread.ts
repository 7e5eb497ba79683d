/** Reads of one thread that hold everything that was committed when they began. */
import {
  emptyThreadView,
  foldThread,
  type TenantId,
  type ThreadId,
  type ThreadView,
  type TurnId,
  type TurnView
} from "@spillway/contracts"
import { EventLog, Publisher, ReadModels, threadAt, type ThreadPage } from "@spillway/orchestration"
import { Effect } from "effect"
import { SpillwayError } from "../SpillwayError.ts"

/** How long a read waits for its read model, in seconds. */
const PATIENCE = 10

const PAGE = 1_000

export interface ThreadAddress {
  readonly tenant: TenantId
  readonly threadId: ThreadId
}

/** Returns once the read models hold what is published here. */
export const caughtUp = Effect.gen(function* () {
  const readModels = yield* ReadModels
  yield* readModels
    .waitFor((yield* Publisher).head())
    .pipe(Effect.timeoutOrElse({ duration: PATIENCE * 1_000, orElse: () => Effect.fail(behind()) }))
})

const behind = () =>
  new SpillwayError(
    "unavailable",
    `The read models are more than ${PATIENCE} seconds behind the log: try again in a moment.`,
    { retryable: true }
  )

/** The thread from the read models; while their projection is stuck, folded from the log. */
export const readView = Effect.fnUntraced(function* ({ tenant, threadId }: ThreadAddress, page?: ThreadPage) {
  const readModels = yield* ReadModels
  const found = yield* Effect.andThen(caughtUp, readModels.thread(tenant, threadId, page)).pipe(
    Effect.catchTag("ProjectionFailed", () => foldedView({ tenant, threadId }))
  )
  return found?.view ?? (yield* Effect.fail(threadNotFound(threadId)))
})

export const readViewAt = Effect.fnUntraced(function* ({ tenant, threadId }: ThreadAddress, version: number) {
  return (yield* threadAt(tenant, threadId, version)) ?? (yield* Effect.fail(threadNotFound(threadId)))
})

export const readTurn = Effect.fnUntraced(function* (thread: ThreadAddress, turnId: TurnId) {
  // It is the last one more often than not.
  for (const page of [{ turns: 1 }, {}]) {
    const found = turnIn(yield* readView(thread, page), turnId)
    if (found !== undefined) return found
  }
  const folded = yield* foldedView(thread)
  return (folded && turnIn(folded.view, turnId)) ?? (yield* Effect.fail(turnNotFound(turnId)))
})

const turnIn = (view: ThreadView, turnId: TurnId): TurnView | undefined =>
  view.turns.find((turn) => turn.turnId === turnId)

const foldedView = Effect.fnUntraced(function* ({ tenant, threadId }: ThreadAddress) {
  const log = yield* EventLog
  let view = emptyThreadView(threadId)
  while (true) {
    const events = yield* log.readThread({ tenant, threadId, afterVersion: view.version, limit: PAGE })
    view = foldThread(view, events)
    if (events.length < PAGE) return view.version === 0 ? undefined : { view }
  }
})

export const threadNotFound = (threadId: string) =>
  new SpillwayError("thread-not-found", `There is no thread ${threadId}: create it with createThread.`)

export const turnNotFound = (turnId: string) =>
  new SpillwayError("turn-not-found", `The thread has no turn ${turnId}: start one with startTurn.`)
