/** Reads of threads. */
import { DEFAULT_TENANT, type ThreadId, type ThreadSummary } from "@spillway/contracts"
import {
  Conflict,
  type MessagesPage,
  PAGE,
  SpillwayHttpApi,
  type ThreadsPage,
  type ThreadViewPage,
  type TurnsPage
} from "@spillway/contracts/http-api"
import { EventLog, ReadModels, threadAt, ThreadEngine, type VersionAhead } from "@spillway/orchestration"
import type { LiveLane } from "@spillway/runtime-ingestion"
import { Effect, Semaphore } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { followThread } from "../following/sources.ts"
import type { ThreadHub } from "../following/ThreadHub.ts"
import type { EventStreams } from "../sse/EventStreams.ts"
import { prefersEventStream, streamThread } from "../sse/streamRequest.ts"
import { answer } from "./answer.ts"
import { conditionally } from "./conditional.ts"
import { eventsPage } from "./events.ts"
import { threadCursor } from "./cursor.ts"
import { eventsProblem, orUnavailable, threadNotFound, unavailable } from "./readProblem.ts"
import { upToNow } from "./upToNow.ts"

type Services = ThreadHub | EventLog | EventStreams | LiveLane | ReadModels | ThreadEngine

const tenant = DEFAULT_TENANT

/** States folded from the log at once: each holds a whole thread, and reads all of its events. */
const FOLDS_AT_ONCE = 2

export const layerThreads = HttpApiBuilder.group(
  SpillwayHttpApi,
  "threads",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Services>()
    const log = yield* EventLog
    const { logId } = log
    const states = conditionally(logId)
    const engine = yield* ThreadEngine
    const readModels = yield* ReadModels
    const folds = yield* Semaphore.make(FOLDS_AT_ONCE)
    const current = Effect.provideContext(upToNow, services)

    /** What it looks like in a list; that of one that was deleted too. */
    const summaryOf = Effect.fnUntraced(function* (threadId: ThreadId) {
      yield* current
      const [summary] = yield* orUnavailable(readModels.summaries(tenant, [threadId]))
      return summary ?? (yield* threadNotFound(threadId))
    })

    const viewNow = (threadId: ThreadId) =>
      Effect.andThen(current, orUnavailable(readModels.thread(tenant, threadId)))

    const viewAt = (threadId: ThreadId, version: number) =>
      threadAt(tenant, threadId, version).pipe(
        Effect.provideService(EventLog, log),
        Effect.mapError((error) => (error._tag === "VersionAhead" ? ahead(error) : unavailable)),
        Effect.map((view) => view && { view, before: null }),
        folds.withPermits(1)
      )

    return handlers
      .handle(
        "list",
        Effect.fnUntraced(function* ({ query: { before, limit = PAGE.threads.usual, ...filters } }) {
          yield* current
          const place = before === undefined ? {} : { before: yield* threadCursor.placeOf(before) }
          const found = yield* orUnavailable(
            readModels.threads(tenant, { ...filters, limit: limit + 1, ...place })
          )
          const threads = found.slice(0, limit)
          return answer<ThreadsPage>({
            threads,
            next: found.length > limit ? threadCursor.textOf(placeOf(threads.at(-1)!)) : null
          })
        })
      )
      .handle(
        "get",
        Effect.fnUntraced(function* ({ params: { threadId }, request }) {
          const summary = yield* summaryOf(threadId)
          const { version } = summary
          return states.notModified(request, version) ?? states.answer<ThreadSummary>(version, summary)
        })
      )
      .handle(
        "view",
        Effect.fnUntraced(function* ({ params: { threadId }, query: { atVersion }, request }) {
          // A look at the list is cheaper than a view that the client has.
          if (request.headers["if-none-match"] !== undefined) {
            const { version } = yield* summaryOf(threadId)
            const asked = atVersion ?? version
            const unchanged = asked <= version ? states.notModified(request, asked) : undefined
            if (unchanged !== undefined) return unchanged
          }
          const found = yield* atVersion === undefined ? viewNow(threadId) : viewAt(threadId, atVersion)
          if (found === undefined) return yield* threadNotFound(threadId)
          return states.answer<ThreadViewPage>(found.view.version, found)
        })
      )
      .handle(
        "turns",
        Effect.fnUntraced(function* ({ params: { threadId }, query: { before, limit = PAGE.turns.usual } }) {
          yield* current
          const page = { turns: limit, ...(before !== undefined && { before }) }
          const found = yield* orUnavailable(readModels.thread(tenant, threadId, page))
          if (found === undefined) return yield* threadNotFound(threadId)
          return answer<TurnsPage>({ turns: found.view.turns, next: found.before })
        })
      )
      .handle(
        "messages",
        Effect.fnUntraced(function* ({
          params: { threadId },
          query: { before, limit = PAGE.messages.usual }
        }) {
          yield* current
          const page = { limit, ...(before !== undefined && { before }) }
          const found = yield* orUnavailable(readModels.messages(tenant, threadId, page))
          if (found === undefined) return yield* threadNotFound(threadId)
          return answer<MessagesPage>({ messages: found.messages, next: found.before })
        })
      )
      .handle("events", ({ params: { threadId }, query, request }) => {
        const version = Effect.map(engine.state(tenant, threadId), (state) => state.version)
        return (
          prefersEventStream(request.headers["accept"])
            ? streamThread(tenant, threadId, { ...query, lastEventId: request.headers["last-event-id"] })
            : Effect.flatMap(followThread(tenant, threadId, false), (followed) =>
                eventsPage(logId, "version", followed, version, query)
              )
        ).pipe(Effect.mapError(eventsProblem), Effect.provideContext(services))
      })
  })
)

const placeOf = ({ threadId, updatedAt }: ThreadSummary) => ({ updatedAt, threadId })

const ahead = ({ message }: VersionAhead) =>
  new Conflict({ code: "cursor-invalid", detail: message, retryable: false })
