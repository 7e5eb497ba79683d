/** An answer that needs no encoding: what the read models hold is JSON as it is. */
import * as HttpServerResponse from "effect/http/HttpServerResponse"

/** `A` says what the contract promises. */
export const answer = <A>(value: A): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(value)
