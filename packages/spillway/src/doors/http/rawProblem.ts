/** Problems where there is no response to put them into: a socket that asks to be upgraded, or whose request can't be read. */
import {
  BadRequest,
  Problem,
  RequestHeaderFieldsTooLarge,
  RequestTimeout
} from "@spillway/contracts/http-api"
import { Schema } from "effect"
import type { Duplex } from "node:stream"

const encode = Schema.encodeSync(Problem)

/** Answers with a problem and ends the connection. */
export const turnAway = (socket: Duplex, problem: Problem): void => {
  const body = JSON.stringify(encode(problem))
  socket.on("error", () => {})
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      "Content-Type: application/problem+json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Cache-Control: no-store",
      "Connection: close",
      "",
      body
    ].join("\r\n")
  )
}

/** For the `clientError` event of an `http` server. */
export const turnAwayUnread = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (socket.writable && error.code !== "ECONNRESET") turnAway(socket, unreadProblem(error.code))
  else socket.destroy()
}

const unreadProblem = (code: string | undefined): Problem => {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new RequestTimeout({
        code: "request-too-slow",
        detail: "The request did not come in time: send it again.",
        retryable: true
      })
    case "HPE_HEADER_OVERFLOW":
      return new RequestHeaderFieldsTooLarge({
        code: "headers-too-large",
        detail: "The headers are larger than 16 KiB: send fewer of them.",
        retryable: false
      })
    default:
      return new BadRequest({
        code: "request-invalid",
        detail:
          "This is not HTTP/1.1 as it must be written: look at the request's first line and its headers.",
        retryable: false
      })
  }
}
