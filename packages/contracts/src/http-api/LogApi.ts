/** The whole log, for those who build their own projections. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { LogEventsPage } from "./Answers.ts"
import { Authorization } from "./Authorization.ts"
import { documentation, perPage } from "./documentation.ts"
import * as examples from "./examples.ts"
import { After, limitOf, PAGE } from "./parameters.ts"
import { anyProblem, Conflict } from "./Problem.ts"

const events = HttpApiEndpoint.get("events", "/v1/log/events", {
  query: { after: After, limit: limitOf(PAGE.events), logId: Schema.optionalKey(Schema.String) },
  success: LogEventsPage,
  error: [...anyProblem, Conflict]
})

export class LogApi extends HttpApiGroup.make("log")
  .add(
    events.annotateMerge(
      documentation({
        summary: "Read or follow the log",
        description: [
          "The events after a position, in the order of their commits, without gaps, with position and hash. `next`, given as `after`, leads on; it is `null` once there is nothing more for now. A page ends at its `limit`, or after about 1 MiB.",
          "With `Accept: text/event-stream` the same address follows the log, each event with its position as `id`, and resumes after `Last-Event-ID`.",
          "A cursor ahead of the log, or of another log, is refused with `cursor-invalid`."
        ],
        curl: "'{server}/v1/log/events?after=0'",
        parameters: {
          limit: perPage(PAGE.events),
          after: {
            description:
              "The position after which to begin. Absent: from the first event on. `tail`: only what comes.",
            example: 0
          }
        },
        answer: { logId: examples.logId, head: 1, events: [examples.loggedEvent], next: null },
        eventStream: examples.logStream
      })
    )
  )
  .middleware(Authorization)
  .annotateMerge(
    OpenApi.annotations({
      title: "Log",
      description: "Everything that happened, of all threads, in one order."
    })
  ) {}
