/** What of a thread can be iterated over: its events, and its view. */
import {
  type ClientEvent,
  emptyOverlay,
  foldThread,
  type LiveOverlay,
  overlayEvent,
  overlayFrame,
  type ThreadView
} from "@spillway/contracts"
import { EventLog, ThreadEngine } from "@spillway/orchestration"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { ThreadHub } from "../../doors/following/ThreadHub.ts"
import type { Pulled } from "../iterate.ts"
import { clientEvent } from "../eventsInOrder.ts"
import { cursorInvalid, type From } from "../From.ts"
import { EventFeed } from "./EventFeed.ts"
import { overlaid } from "./overlaid.ts"
import { readView, type ThreadAddress, threadNotFound } from "./readThread.ts"

/** Attaches a feed to the thread until the scope closes. */
const attach = Effect.fnUntraced(function* ({ tenant, threadId }: ThreadAddress, after: number) {
  const hub = yield* ThreadHub
  const log = yield* EventLog
  const feed = new EventFeed(after, (afterVersion, limit) =>
    log.readThread({ tenant, threadId, afterVersion, limit })
  )
  yield* hub.onThread(tenant, threadId, feed.onEvent)
  return feed
})

export const followEvents = Effect.fnUntraced(function* (thread: ThreadAddress, { after, follow }: From) {
  const log = yield* EventLog
  const engine = yield* ThreadEngine
  const feed = yield* attach(thread, after)
  const { status, version } = yield* engine.state(thread.tenant, thread.threadId)
  if (status === "absent") return yield* Effect.fail(threadNotFound(thread.threadId))
  if (after > version) {
    // The state may be a little older than the log where another process writes too: the log itself says what there is.
    const [last] = yield* log.readThread({ ...thread, afterVersion: after - 1, limit: 1 })
    if (last === undefined)
      return yield* Effect.fail(cursorInvalid(`The thread has ${version} events`, after))
  }
  let isOver = after >= version && (!follow || status === "deleted")
  return {
    next: Effect.suspend(() => {
      if (isOver) return Effect.undefined
      return Effect.map(feed.next, (events) => {
        const last = events[events.length - 1]!
        isOver = last.type === "thread.deleted" || (!follow && last.version >= version)
        return events.map(clientEvent)
      })
    })
  } satisfies Pulled<ClientEvent, never>
})

export const followView = Effect.fnUntraced(function* (thread: ThreadAddress) {
  const lane = yield* LiveLane
  let view = yield* readView(thread)
  let overlay = emptyOverlay
  let given: { readonly view: ThreadView; readonly overlay: LiveOverlay } | undefined
  const feed = yield* attach(thread, view.version)
  yield* lane.watch(thread.tenant, thread.threadId, { onFrame: () => feed.touch() })

  /** Folds in everything that waits, and lays over what is not in the log yet. */
  const catchUp = Effect.gen(function* () {
    for (let events = yield* feed.now; events.length > 0; events = yield* feed.now) {
      view = foldThread(view, events)
      overlay = events.reduce(overlayEvent, overlay)
    }
    for (const frame of lane.tail(thread.tenant, thread.threadId))
      overlay = overlayFrame(overlay, view, frame)
  })

  return {
    next: Effect.gen(function* () {
      yield* catchUp
      while (given?.view === view && given.overlay === overlay) yield* Effect.andThen(feed.news, catchUp)
      given = { view, overlay }
      return [overlaid(view, overlay)]
    })
  } satisfies Pulled<ThreadView, never>
})
