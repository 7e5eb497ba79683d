/** Event streams by their addresses. */
import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import type { Unavailable } from "@spillway/orchestration"
import { Effect, Schema } from "effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { prefersEventStream, type StreamRefused, streamLog, streamThread } from "../sse/streamRequest.ts"

const isThreadId = Schema.is(ThreadId)

/** The answer to a request for an event stream; `undefined` for any other. */
export const eventStream = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  if (!prefersEventStream(request.headers["accept"])) return undefined
  const url = new URL(request.url, "http://localhost")
  const threadId = /^\/v1\/threads\/([^/]+)\/events$/.exec(url.pathname)?.[1]
  const after = url.searchParams.get("after")
  const asked = {
    after: after === null ? undefined : after === "tail" ? ("tail" as const) : Number(after),
    logId: url.searchParams.get("logId") ?? undefined,
    lastEventId: request.headers["last-event-id"],
    live: url.searchParams.get("live") === "true"
  }
  if (url.pathname === "/v1/log/events") return yield* answered(streamLog(asked))
  if (threadId === undefined || !isThreadId(threadId)) return undefined
  return yield* answered(streamThread(DEFAULT_TENANT, threadId, asked))
})

const STATUS = { "request-invalid": 400, "thread-not-found": 404, "cursor-invalid": 409 }

const answered = <R>(
  stream: Effect.Effect<HttpServerResponse.HttpServerResponse, StreamRefused | Unavailable, R>
) =>
  Effect.catchTags(stream, {
    StreamRefused: ({ code, message }) => problem(STATUS[code], code, message),
    Unavailable: () =>
      problem(503, "unavailable", "The log can't be read right now: send the same request again in a moment.")
  })

const problem = (status: number, code: string, detail: string) =>
  Effect.succeed(HttpServerResponse.jsonUnsafe({ code, detail }, { status }))
