/** Reads of threads. */
import { DEFAULT_TENANT, type ThreadId, type ThreadSummary } from "@spillway/contracts"
import {
  Conflict,
  PAGE,
  SpillwayHttpApi,
  type ThreadsPage,
  type ThreadViewPage,
  type TurnsPage
} from "@spillway/contracts/http-api"
import { EventLog, ReadModels, ThreadEngine } from "@spillway/orchestration"
import type { LiveLane } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { followThread } from "../following/sources.ts"
import type { ThreadHub } from "../following/ThreadHub.ts"
import type { EventStreams } from "../sse/EventStreams.ts"
import { prefersEventStream, streamThread } from "../sse/streamRequest.ts"
import { answer } from "./answer.ts"
import { conditionally } from "./conditional.ts"
import { eventsPage } from "./events.ts"
import { cursorOf, placeOf } from "./listCursor.ts"
import { eventsProblem, orUnavailable, threadNotFound } from "./readProblem.ts"
import { threadAt } from "./threadAt.ts"
import { upToNow } from "./upToNow.ts"

type Services = ThreadHub | EventLog | EventStreams | LiveLane | ReadModels | ThreadEngine

const tenant = DEFAULT_TENANT

export const layerThreads = HttpApiBuilder.group(
  SpillwayHttpApi,
  "threads",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<Services>()
    const { logId } = yield* EventLog
    const states = conditionally(logId)
    const engine = yield* ThreadEngine
    const readModels = yield* ReadModels
    const current = Effect.provideContext(upToNow, services)

    /** What it looks like in a list; that of one that was deleted too. */
    const summaryOf = Effect.fnUntraced(function* (threadId: ThreadId) {
      yield* current
      const [summary] = yield* orUnavailable(readModels.summaries(tenant, [threadId]))
      return summary ?? (yield* threadNotFound(threadId))
    })

    return handlers
      .handle(
        "list",
        Effect.fnUntraced(function* ({ query: { before, limit = PAGE.threads.usual, ...filters } }) {
          yield* current
          const place = before === undefined ? {} : { before: yield* placeOf(before) }
          const found = yield* orUnavailable(
            readModels.threads(tenant, { ...filters, limit: limit + 1, ...place })
          )
          const threads = found.slice(0, limit)
          return answer<ThreadsPage>({
            threads,
            next: found.length > limit ? cursorOf(threads.at(-1)!) : null
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
          const { version } = yield* summaryOf(threadId)
          if (atVersion !== undefined && atVersion > version) return yield* beyond(atVersion, version)
          const unchanged = states.notModified(request, atVersion ?? version)
          if (unchanged !== undefined) return unchanged
          const found = yield* orUnavailable(
            atVersion === undefined
              ? Effect.map(readModels.thread(tenant, threadId), (found) => found!)
              : Effect.map(threadAt(threadId, atVersion), (view) => ({ view, before: null }))
          ).pipe(Effect.provideContext(services))
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

const beyond = (atVersion: number, version: number) =>
  new Conflict({
    code: "cursor-invalid",
    detail: `The thread has ${version} events and no state at version ${atVersion} yet: ask for an earlier one.`,
    retryable: false
  })
