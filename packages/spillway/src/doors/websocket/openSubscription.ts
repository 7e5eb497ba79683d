/** Turns what a client asked to follow into a subscription: attached first, read afterwards. */
import {
  emptyThreadView,
  type Subscription as Asked,
  type TenantId,
  type ThreadView
} from "@spillway/contracts"
import { type EventLog, ReadModels, type ThreadEngine } from "@spillway/orchestration"
import type { LiveLane } from "@spillway/runtime-ingestion"
import { Effect, type Scope } from "effect"
import { followLog, followThread } from "../following/sources.ts"
import { ThreadHub } from "../following/ThreadHub.ts"
import { errorFrame } from "./decodeFrame.ts"
import { type Beginning, EventSubscription } from "./EventSubscription.ts"
import type { Outbox, Subscription } from "./Outbox.ts"
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
      return subscribeToThread(opening, opening.asked)
    case "log":
      return subscribeToLog(opening, opening.asked)
    case "threads":
      return subscribeToThreads(opening)
  }
}

const subscribeToThread = Effect.fnUntraced(function* (
  { id, outbox, refused, tenant }: Opening,
  { from, live, threadId }: Extract<Asked, { readonly to: "thread" }>
) {
  const readModels = yield* ReadModels
  const source = yield* followThread(tenant, threadId, live ?? true)

  const snapshot = Effect.map(readModels.thread(tenant, threadId), (found) => {
    // A thread that no read model holds yet is shown from its first event on.
    const view = found?.view ?? emptyThreadView(threadId)
    return beginWith(view.version, snapshotText(id, view, found?.before ?? null))
  })

  const begin = Effect.gen(function* () {
    const cursor =
      typeof from === "string" ? ("tail" as const) : { after: from.afterVersion, logId: from.logId }
    const located = yield* source.locate(cursor)
    switch (located.type) {
      case "absent":
        return refuse(located.message)
      case "invalid":
        return invalid(`${located.message} A snapshot follows.`, yield* snapshot)
      case "at":
        return from === "snapshot" ? yield* snapshot : beginWith(located.after, null)
    }
  })

  const subscription = new EventSubscription({ id, source, begin, outbox, refused })
  yield* source.attach(subscription.follower)
  return subscription
})

const subscribeToLog = Effect.fnUntraced(function* (
  { id, outbox, refused }: Opening,
  { from }: Extract<Asked, { readonly to: "log" }>
) {
  const source = yield* followLog
  const cursor = from === "tail" ? from : { after: from.afterPosition, logId: from.logId }

  const begin = Effect.map(source.locate(cursor), (located): Beginning => {
    switch (located.type) {
      case "absent":
        return refuse(located.message)
      case "invalid":
        return invalid(`${located.message} It follows from the first position on.`, beginWith(0, null))
      case "at":
        return beginWith(located.after, null)
    }
  })

  const subscription = new EventSubscription({ id, source, begin, outbox, refused })
  yield* source.attach(subscription.follower)
  return subscription
})

const subscribeToThreads = Effect.fnUntraced(function* ({ id, outbox, tenant }: Opening) {
  const hub = yield* ThreadHub
  const readModels = yield* ReadModels
  const subscription = new ThreadListSubscription(id, readModels.threads(tenant), outbox)
  const upToHere = yield* hub.onThreads(tenant, subscription.onSummaries)
  yield* Effect.forkScoped(Effect.andThen(upToHere, Effect.sync(subscription.readAgain)), {
    startImmediately: true
  })
  return subscription
})

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

const refuse = (message: string): Beginning => ({
  type: "refused",
  error: errorFrame("thread-not-found", message)
})

const snapshotText = (id: string, view: ThreadView, before: string | null) => (seq: number) =>
  JSON.stringify({ type: "snapshot", seq, id, view, before })
