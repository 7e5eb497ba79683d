/** Reads of threads, from the read models as far as the log went when the request came in; and their events, from the log itself. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ThreadSummary } from "../thread-view/ThreadView.ts"
import { MessagesPage, ThreadEventsPage, ThreadsPage, ThreadViewPage, TurnsPage } from "./Answers.ts"
import { Authorization } from "./Authorization.ts"
import { documentation, perPage } from "./documentation.ts"
import * as examples from "./examples.ts"
import { After, AtVersion, Cursor, limitOf, MessageCursor, PAGE, thread, TurnCursor } from "./parameters.ts"
import { anyProblem, Conflict, NotFound } from "./Problem.ts"

const error = [...anyProblem, NotFound] as const

const list = HttpApiEndpoint.get("list", "/v1/threads", {
  query: {
    limit: limitOf(PAGE.threads),
    before: Cursor,
    activity: Schema.optionalKey(ThreadSummary.fields.activity),
    archived: Schema.optionalKey(Schema.Boolean)
  },
  success: ThreadsPage,
  error: anyProblem
})

const get = HttpApiEndpoint.get("get", "/v1/threads/:threadId", {
  params: thread,
  success: ThreadSummary,
  error
})

const view = HttpApiEndpoint.get("view", "/v1/threads/:threadId/view", {
  params: thread,
  query: { atVersion: AtVersion },
  success: ThreadViewPage,
  error: [...error, Conflict]
})

const turns = HttpApiEndpoint.get("turns", "/v1/threads/:threadId/turns", {
  params: thread,
  query: { limit: limitOf(PAGE.turns), before: TurnCursor },
  success: TurnsPage,
  error
})

const messages = HttpApiEndpoint.get("messages", "/v1/threads/:threadId/messages", {
  params: thread,
  query: { limit: limitOf(PAGE.messages), before: MessageCursor },
  success: MessagesPage,
  error
})

const events = HttpApiEndpoint.get("events", "/v1/threads/:threadId/events", {
  params: thread,
  query: {
    after: After,
    limit: limitOf(PAGE.events),
    logId: Schema.optionalKey(Schema.String),
    live: Schema.optionalKey(Schema.Boolean)
  },
  success: ThreadEventsPage,
  error: [...error, Conflict]
})

export class ThreadsApi extends HttpApiGroup.make("threads")
  .add(
    list.annotateMerge(
      documentation({
        summary: "List threads",
        description: ["Threads that were not deleted, last updated first."],
        curl: "'{server}/v1/threads?limit=20'",
        parameters: {
          limit: perPage(PAGE.threads),
          activity: {
            description:
              "Only these: `working` while a turn runs, `waiting` while a request is pending, else `idle`."
          },
          archived: {
            description: "`true`: only archived ones. `false`: only those that are not. Absent: both."
          }
        },
        answer: { threads: [examples.summary], next: null }
      })
    ),
    get.annotateMerge(
      documentation({
        summary: "Get one thread",
        description: [
          "What a list shows of it. A thread that was deleted is still told of, with the status `deleted`."
        ],
        curl: "{server}/v1/threads/t1",
        answer: examples.summary,
        etag: true
      })
    ),
    view.annotateMerge(
      documentation({
        summary: "Get a thread's view",
        description: [
          "The thread as a person sees it: the fold of its events, with turns, messages, tool calls and requests. Without `atVersion` it holds the last 50 turns, and `before` leads to the ones before them; go on from it with the events after its `version`.",
          "With `atVersion` it is the whole state at that version, folded from the log: what was known then, and nothing that came later."
        ],
        curl: "{server}/v1/threads/t1/view",
        parameters: {
          atVersion: { description: "The version up to which events are folded in, from 1.", example: 4 }
        },
        answer: { view: examples.view, before: null },
        etag: true
      })
    ),
    turns.annotateMerge(
      documentation({
        summary: "Get a thread's turns by pages",
        description: [
          "The last turns, in the order in which they were asked for, each with its messages, steps, requests and activities. `next`, given as `before`, leads to the ones before them."
        ],
        curl: "'{server}/v1/threads/t1/turns?limit=10'",
        parameters: { limit: perPage(PAGE.turns) },
        answer: { turns: [examples.turn], next: null }
      })
    ),
    messages.annotateMerge(
      documentation({
        summary: "Get a thread's messages by pages",
        description: [
          "The last messages that the timeline shows, so nothing of attempts that were tried again: turns in the order in which they were asked for, and in a turn the log's order. `next`, given as `before`, leads to the ones before them."
        ],
        curl: "'{server}/v1/threads/t1/messages?limit=10'",
        parameters: { limit: perPage(PAGE.messages) },
        answer: { messages: [examples.message], next: null }
      })
    ),
    events.annotateMerge(
      documentation({
        summary: "Read or follow a thread's events",
        description: [
          "The events after a version, in order, byte-equal to what the websocket sends. `next`, given as `after`, leads on; it is `null` once there is nothing more for now. A page ends at its `limit`, or after about 1 MiB.",
          "With `Accept: text/event-stream` the same address follows the thread: each event with its version as `id`, `caught-up` once history is read, then what comes. A browser's EventSource resumes by itself with `Last-Event-ID`.",
          "A cursor ahead of the thread, or of another log, is refused with `cursor-invalid`: what you hold is not of this log."
        ],
        curl: "'{server}/v1/threads/t1/events?after=0'",
        parameters: {
          limit: perPage(PAGE.events),
          after: {
            description:
              "The version after which to begin. Absent: from the first event on. `tail`: only what comes.",
            example: 0
          },
          live: {
            description:
              "Of an event stream: `true` adds `live` events, with assistant text that is not in the log yet. They may be missing at any point."
          }
        },
        answer: { logId: examples.logId, version: 1, events: [examples.event], next: null },
        eventStream: examples.threadStream
      })
    )
  )
  .middleware(Authorization)
  .annotateMerge(
    OpenApi.annotations({
      title: "Threads",
      description:
        "One conversation with an agent each. What is read here holds everything that was committed when the request came in."
    })
  ) {}
