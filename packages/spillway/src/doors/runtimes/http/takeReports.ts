/**
 * `POST …/events`: reports of one session, a line each, of any length. A line is read once the session has room for what it says, so that
 * a thread that takes no more holds the client's body back. The answer goes on meanwhile: acks as they are committed, steps as they are
 * opened, and at the end how far it all got.
 */
import { RUNTIME_FRAME_LIMIT, type RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"
import type { RemoteSession } from "@spillway/provider-runtimes"
import { Effect, Result } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { decodeReportLine, type RuntimeError, runtimeError } from "../decodeHostFrame.ts"
import { beginLines, writeLine } from "./answers.ts"
import { LineTooLong, linesOf } from "./lines.ts"

/** How long the last reports may take to be durable before the answer ends without: longer than text waits. */
const DURABLE_WAIT = "2 seconds"

/** How long a client may go on sending after the end of the answer was decided. */
const REST_WAIT = "1 second"

type Lines = ReturnType<typeof linesOf>

export const takeReports = (
  request: IncomingMessage,
  response: ServerResponse,
  session: RemoteSession,
  limit: Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const way = {}
    session.comeBy(way)
    beginLines(response)
    response.on("error", () => {})
    const say = (frame: RuntimeServerFrame): void => {
      // An ack that is not taken is told by the next one.
      if (frame.type !== "ack" || !response.writableNeedDrain) writeLine(response, frame)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => session.listen(say)),
      (stop) => Effect.sync(stop)
    )
    const lines = linesOf(request, RUNTIME_FRAME_LIMIT)
    const error = yield* Effect.raceFirst(readAll(lines, session, way), Effect.as(limit, undefined))
    if (error !== undefined) say(error)
    yield* rest(lines).pipe(Effect.timeout(REST_WAIT), Effect.ignore)
    if (error !== undefined) return
    yield* session.durable().pipe(Effect.timeout(DURABLE_WAIT), Effect.ignore)
    say({
      type: "final",
      ...session.address,
      through: session.through,
      until: session.until,
      received: session.received
    })
  }).pipe(Effect.scoped, Effect.ensuring(Effect.sync(() => void response.end())))

/** Ends with what is wrong; `undefined`: all of it was taken in. */
const readAll = Effect.fnUntraced(function* (lines: Lines, session: RemoteSession, way: object) {
  while (true) {
    const line = yield* Effect.promise(() => lines.next().catch(lineFailed))
    if ("type" in line) return line
    if (line.done === true) return undefined
    const decoded = decodeReportLine(line.value.toString("utf8"))
    if (Result.isFailure(decoded)) return { ...decoded.failure, ...session.address }
    yield* session.room()
    const taken = session.take(way, decoded.success, line.value.length)
    switch (taken._tag) {
      case "Taken":
        continue
      case "Stale":
        if (session.isOver) return undefined
        return runtimeError("superseded", superseded, { retryable: true, ...session.address })
      case "Gap":
        return runtimeError("sequence-gap", gap(decoded.success.sourceSequence, taken.expected), {
          retryable: true,
          ...session.address,
          expected: taken.expected
        })
      case "Beyond":
        // The room was somebody else's meanwhile.
        return runtimeError("superseded", superseded, { retryable: true, ...session.address })
    }
  }
})

/** Throws away what still comes: a client that is cut off while it sends may not read the answer. */
const rest = (lines: Lines): Effect.Effect<void> =>
  Effect.flatMap(
    Effect.promise(() => lines.next().catch(lineFailed)),
    (line) => ("type" in line || line.done === true ? Effect.void : rest(lines))
  )

const lineFailed = (error: unknown): RuntimeError | IteratorReturnResult<undefined> =>
  error instanceof LineTooLong
    ? runtimeError("frame-too-large", `A line is longer than ${RUNTIME_FRAME_LIMIT} bytes: send less in one.`)
    : // The connection broke; nobody is there to be told.
      { done: true, value: undefined }

const superseded =
  "The session's reports come on another way by now, or the session is over: ask for its cursor, and go on behind `received`."

const gap = (came: number, expected: number) =>
  `Number ${came} came where ${expected} was expected: go on behind \`received\`.`
