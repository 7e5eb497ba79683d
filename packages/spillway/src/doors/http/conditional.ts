/**
 * Answers that say which state of a thread they show, so that who has it already is spared it. A thread's version names its state; with
 * the log's name and the server's version in it, a tag of another log or of an older server fits nothing.
 */
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { VERSION } from "../../version.ts"

const etagOf = (logId: string, version: number): string => `W/"${VERSION}.${logId}.${version}"`

/** As a request names a state that its client has. Weak tags are compared, as RFC 9110 says for `If-None-Match`. */
const names = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  const bare = (tag: string) => tag.trim().replace(/^W\//, "")
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => bare(tag) === bare(etag))
}

/** Versions of the threads of one log. */
export const conditionally = (logId: string) => {
  const headersOf = (version: number) => ({
    etag: etagOf(logId, version),
    "cache-control": "private, no-cache"
  })
  return {
    /** The answer to a client that has the thread at this version; `undefined`: it has not. */
    notModified: ({ headers }: HttpServerRequest.HttpServerRequest, version: number) =>
      names(headers["if-none-match"], etagOf(logId, version))
        ? HttpServerResponse.empty({ status: 304, headers: headersOf(version) })
        : undefined,
    /** What the thread is like at this version. */
    answer: <A>(version: number, value: A) =>
      HttpServerResponse.jsonUnsafe(value, { headers: headersOf(version) })
  }
}
