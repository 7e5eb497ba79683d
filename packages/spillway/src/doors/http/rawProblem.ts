/** Problems that no route gives: to a socket that asks to be upgraded or whose request can't be read, to a request that is one too many. */
import {
  BadRequest,
  MethodNotAllowed,
  Problem,
  RequestHeaderFieldsTooLarge,
  RequestTimeout
} from "@spillway/contracts/http-api"
import { Schema } from "effect"
import type { ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** How long a client may take for its last answer. Milliseconds. */
const LINGER = 2_000

/** Seconds. */
const RETRY_AFTER = "1"

const encode = Schema.encodeSync(Problem)

const headersOf = (problem: Problem, body: string): Record<string, string> => ({
  "Content-Type": "application/problem+json",
  "Content-Length": String(Buffer.byteLength(body)),
  "Cache-Control": "no-store",
  ...(problem.status === 503 && { "Retry-After": RETRY_AFTER })
})

/** Answers with a problem and ends the connection. `method`: an answer to HEAD has no body. */
export const turnAway = (socket: Duplex, problem: Problem, method?: string): void => {
  const body = JSON.stringify(encode(problem))
  const headers = { ...headersOf(problem, body), Connection: "close" }
  socket.on("error", () => {})
  // It may neither take the answer nor hang up.
  const lingering = setTimeout(() => socket.destroy(), LINGER)
  socket.once("close", () => clearTimeout(lingering))
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      method === "HEAD" ? "" : body
    ].join("\r\n")
  )
}

/** Answers a request that nobody reads: its connection goes on, where there is no body on its way. */
export const answerWith = (response: ServerResponse, problem: Problem): void => {
  const body = JSON.stringify(encode(problem))
  response.writeHead(problem.status, headersOf(problem, body)).end(body)
}

export const notAProxy = new MethodNotAllowed({
  code: "method-not-allowed",
  detail: "This server is no proxy: send the request to the server that it is for.",
  retryable: false
})

export const withoutHost = new BadRequest({
  code: "request-invalid",
  detail: "The request has no header `Host`: say which server it is for.",
  retryable: false
})

/** For the `clientError` event of an `http` server. */
export const turnAwayUnread = (error: ClientError, socket: Duplex): void => {
  const method = error.rawPacket?.toString("latin1", 0, 5) === "HEAD " ? "HEAD" : undefined
  if (socket.writable && error.code !== "ECONNRESET") turnAway(socket, unreadProblem(error.code), method)
  else socket.destroy()
}

/** `rawPacket`: what came last, which in most cases is the whole request. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

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
