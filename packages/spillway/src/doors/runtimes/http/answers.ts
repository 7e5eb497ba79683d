/** What the HTTP side of the runtimes' door answers with: frames as lines, and problems. */
import type { RuntimeErrorCode, RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"
import type { ServerResponse } from "node:http"
import { STATUS_CODES } from "node:http"

/** No proxy on the way may gather or compress it. */
export const beginLines = (response: ServerResponse): void => {
  response.writeHead(200, {
    "content-type": "application/x-ndjson",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    connection: "close"
  })
  response.flushHeaders()
}

/** `false`: the client does not take what it is sent. */
export const writeLine = (response: ServerResponse, frame: RuntimeServerFrame): boolean =>
  response.write(`${JSON.stringify(frame)}\n`)

export const answerJson = (response: ServerResponse, value: unknown): void => {
  const body = `${JSON.stringify(value)}\n`
  response
    .writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store"
    })
    .end(body)
}

export interface RuntimeProblem {
  readonly status: number
  readonly code:
    | RuntimeErrorCode
    | "not-found"
    | "method-not-allowed"
    | "request-invalid"
    | "origin-not-allowed"
    | "upgrade-required"
  readonly detail: string
  readonly retryable?: boolean
}

/** Problem details, as everywhere else. What the client still has to send is not waited for. */
export const answerProblem = (
  response: ServerResponse,
  { code, detail, retryable = false, status }: RuntimeProblem
): void => {
  const body = JSON.stringify({
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail,
    code,
    retryable
  })
  response
    .writeHead(status, {
      "content-type": "application/problem+json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      connection: "close",
      ...(status === 401 && { "www-authenticate": 'Bearer realm="spillway-runtimes"' }),
      ...(status === 426 && { upgrade: "websocket" }),
      ...(status === 503 && { "retry-after": "1" })
    })
    .end(body)
}
