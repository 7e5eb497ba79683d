/** A host of runtimes over plain HTTP, for tests. */
import type { RuntimeServerFrame, RuntimeServerFrameOf } from "@spillway/contracts/runtime-protocol"
import { type Cause, Effect, Queue, Stream } from "effect"
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http"
import { Listener } from "../doors/Listener.ts"
import { RUNTIME_TOKEN } from "./RemoteServer.ts"
import type { SessionName } from "./TestHost.ts"

export const runtimeRequest = Effect.fnUntraced(function* (
  path: string,
  {
    body,
    method = "GET",
    token = RUNTIME_TOKEN
  }: { method?: string; token?: string | null; body?: string } = {}
) {
  const { address } = yield* Listener
  const response = yield* Effect.promise(() =>
    fetch(`http://${address}/v1/runtimes/${path}`, {
      method,
      ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
      ...(body !== undefined && { body })
    })
  )
  const text = yield* Effect.promise(() => response.text())
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown> }
})

/** The lines of an answer, as they come. */
const framesOf = (response: IncomingMessage, frames: Queue.Queue<RuntimeServerFrame, Cause.Done>) => {
  let rest = ""
  response.setEncoding("utf8")
  response.on("data", (text: string) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop()!
    for (const line of lines) Queue.offerUnsafe(frames, JSON.parse(line) as RuntimeServerFrame)
  })
  response.on("close", () => Queue.endUnsafe(frames))
  response.on("error", () => Queue.endUnsafe(frames))
}

export interface OpenRequest {
  readonly request: ClientRequest
  readonly until: <T extends RuntimeServerFrame["type"]>(
    type: T,
    fits?: (frame: RuntimeServerFrameOf<T>) => boolean
  ) => Effect.Effect<RuntimeServerFrameOf<T>, Cause.Done>
  /** All that still comes. */
  readonly rest: Effect.Effect<ReadonlyArray<RuntimeServerFrame>>
}

/** A request whose body is written by and by, and whose answer is read meanwhile. */
export const openRequest = Effect.fnUntraced(function* (method: "GET" | "POST", path: string) {
  const { port } = yield* Listener
  const frames = yield* Queue.unbounded<RuntimeServerFrame, Cause.Done>()
  const request = yield* Effect.acquireRelease(
    Effect.sync(() =>
      httpRequest({
        port,
        host: "127.0.0.1",
        method,
        path: `/v1/runtimes/${path}`,
        headers: { authorization: `Bearer ${RUNTIME_TOKEN}` }
      })
    ),
    (request) => Effect.sync(() => request.destroy())
  )
  request.on("error", () => Queue.endUnsafe(frames))
  request.on("response", (response) => framesOf(response, frames))
  if (method === "GET") request.end()
  else request.flushHeaders()
  const open: OpenRequest = {
    request,
    until: Effect.fnUntraced(function* (type, fits = () => true) {
      while (true) {
        const frame = (yield* Queue.take(frames)) as RuntimeServerFrameOf<typeof type>
        if (frame.type === type && fits(frame)) return frame
      }
    }),
    rest: Stream.runCollect(Stream.fromQueue(frames))
  }
  return open
})

export const sessionPath = ({ generation, sessionId }: SessionName, what: "events" | "cursor"): string =>
  `sessions/${encodeURIComponent(sessionId)}/${generation}/${what}`

/** Reports as lines, numbered from `first` on. */
export const reportLines = (first: number, ...reports: ReadonlyArray<Record<string, unknown>>): string =>
  reports.map((report, i) => `${JSON.stringify({ sourceSequence: first + i, ...report })}\n`).join("")
