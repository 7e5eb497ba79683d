/** Turns what a client asked to follow into a subscription: attached first, read afterwards. */
import {
  emptyThreadView,
  type Subscription as Asked,
  type TenantId,
  type ThreadId,
  type ThreadView
} from "@spillway/contracts"
import { EventLog, ReadModels, ThreadEngine } from "@spillway/orchestration"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Effect, type Scope } from "effect"
import { errorFrame } from "./decodeFrame.ts"
import { logOrder, threadOrder } from "../following/EventQueue.ts"
import { type Beginning, EventSubscription } from "./EventSubscription.ts"
import type { Outbox, Subscription } from "./Outbox.ts"
import { ThreadHub } from "../following/ThreadHub.ts"
import { ThreadListSubscription } from "./ThreadListSubscription.ts"

export interface Opening {
  readonly id: string
  readonly asked: Asked
  readonly tenant: TenantId
  readonly outbox: Outbox
  /** Takes the subscription away again: there is no such thread. */
  readonly refused: () => void
}

/** Attaches until the scope closes. Add the result to the outbox to have it read. */
export const openSubscription = (
  opening: Opening
): Effect.Effect<
  Subscription,
  never,
  Scope.Scope | ThreadHub | EventLog | ReadModels | ThreadEngine | LiveLane
> => {
  switch (opening.asked.to) {
    case "thread":
      return followThread(opening, opening.asked)
    case "log":
      return followLog(opening, opening.asked)
    case "threads":
      return followThreads(opening)
  }
}

const followThread = Effect.fnUntraced(function* (
  { id, outbox, refused, tenant }: Opening,
  { from, live, threadId }: Extract<Asked, { readonly to: "thread" }>
) {
  const hub = yield* ThreadHub
  const log = yield* EventLog
  const lane = yield* LiveLane
  const engine = yield* ThreadEngine
  const readModels = yield* ReadModels

  const snapshot = Effect.map(readModels.thread(tenant, threadId), (found) => {
    // A thread that no read model holds yet is shown from its first event on.
    const view = found?.view ?? emptyThreadView(threadId)
    return beginWith(view.version, snapshotText(id, view, found?.before ?? null))
  })

  const begin = Effect.gen(function* () {
    const state = yield* engine.state(tenant, threadId)
    if (state.status === "absent") return notFound(threadId)
    if (from === "snapshot") return yield* snapshot
    if (from === "tail") return beginWith(state.version, null)
    const { afterVersion, logId } = from
    if (logId !== undefined && logId !== log.logId) return invalid(OTHER_LOG, yield* snapshot)
    // The state may be a little older than the log where another process writes too: the log itself says what there is.
    const isAhead =
      afterVersion > state.version &&
      (yield* log.readThread({ tenant, threadId, afterVersion: afterVersion - 1, limit: 1 })).length === 0
    if (isAhead) {
      const said = `The thread has ${state.version} events and the cursor says ${afterVersion}: what you hold is of another log. A snapshot follows.`
      return invalid(said, yield* snapshot)
    }
    return beginWith(afterVersion, null)
  })

  const wantsLive = live ?? true
  const subscription = new EventSubscription(
    id,
    {
      order: threadOrder,
      begin,
      readAfter: (afterVersion, limit) => log.readThread({ tenant, threadId, afterVersion, limit }),
      liveTail: wantsLive ? () => lane.tail(tenant, threadId) : null
    },
    outbox,
    refused
  )
  yield* hub.onThread(tenant, threadId, subscription.onEvent)
  if (wantsLive) yield* lane.watch(tenant, threadId, { onFrame: subscription.onLiveFrame })
  return subscription
})

const followLog = Effect.fnUntraced(function* (
  { id, outbox, refused }: Opening,
  { from }: Extract<Asked, { readonly to: "log" }>
) {
  const hub = yield* ThreadHub
  const log = yield* EventLog

  const begin = Effect.map(log.head, (head): Beginning => {
    if (from === "tail") return beginWith(head, null)
    const { afterPosition, logId } = from
    if (logId !== undefined && logId !== log.logId) return invalid(OTHER_LOG, beginWith(0, null))
    if (afterPosition > head) {
      const said = `The log ends at position ${head} and the cursor says ${afterPosition}: what you hold is of another log. It follows from the first position on.`
      return invalid(said, beginWith(0, null))
    }
    return beginWith(afterPosition, null)
  })

  const subscription = new EventSubscription(
    id,
    {
      order: logOrder,
      begin,
      readAfter: (afterPosition, limit) => log.readLog({ afterPosition, limit }),
      liveTail: null
    },
    outbox,
    refused
  )
  yield* hub.onLog(subscription.onEvent)
  return subscription
})

const followThreads = Effect.fnUntraced(function* ({ id, outbox, tenant }: Opening) {
  const hub = yield* ThreadHub
  const readModels = yield* ReadModels
  const subscription = new ThreadListSubscription(id, readModels.threads(tenant), outbox)
  yield* hub.onThreads(tenant, subscription.onSummaries)
  return subscription
})

const OTHER_LOG =
  "The cursor is of another log than this server's: what you hold of it is not here. All that is here follows."

type Begin = Extract<Beginning, { readonly type: "begin" }>

const beginWith = (after: number, snapshot: Begin["snapshot"]): Begin => ({
  type: "begin",
  after,
  error: null,
  snapshot
})

const invalid = (message: string, begin: Begin): Begin => ({
  ...begin,
  error: errorFrame("cursor-invalid", message)
})

const notFound = (threadId: ThreadId): Beginning => ({
  type: "refused",
  error: errorFrame(
    "thread-not-found",
    `There is no thread ${threadId}: create it with thread.create, then subscribe.`
  )
})

const snapshotText = (id: string, view: ThreadView, before: string | null) => (seq: number) =>
  JSON.stringify({ type: "snapshot", seq, id, view, before })
