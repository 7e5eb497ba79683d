/** `GET /v1/log/events`. */
import { SpillwayHttpApi } from "@spillway/contracts/http-api"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { ThreadHub } from "../following/ThreadHub.ts"
import { followLog } from "../following/sources.ts"
import type { EventStreams } from "../sse/EventStreams.ts"
import { prefersEventStream, streamLog } from "../sse/streamRequest.ts"
import { eventsPage } from "./events.ts"
import { eventsProblem } from "./readProblem.ts"

export const layerLog = HttpApiBuilder.group(
  SpillwayHttpApi,
  "log",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ThreadHub | EventLog | EventStreams>()
    const log = yield* EventLog
    return handlers.handle("events", ({ query, request }) =>
      (prefersEventStream(request.headers["accept"])
        ? streamLog({ ...query, lastEventId: request.headers["last-event-id"] })
        : Effect.flatMap(followLog, (followed) => eventsPage(log.logId, "head", followed, log.head, query))
      ).pipe(
        Effect.mapError(eventsProblem),
        // Of a thread only: the log is always there.
        Effect.catchTag("NotFound", Effect.die),
        Effect.provideContext(services)
      )
    )
  })
)
