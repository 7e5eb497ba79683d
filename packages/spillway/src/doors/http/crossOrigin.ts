/**
 * Which web pages are answered, and what a browser must be told so that these may read the answer. A program that is no browser sends
 * no origin and is not concerned.
 */
import { Forbidden } from "@spillway/contracts/http-api"
import type * as Headers from "effect/http/Headers"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { isLoopback, isOriginAllowed } from "../origin.ts"

/** Why the request is turned away; `undefined`: it is let in. */
export const refusedOrigin = (settings: DoorSettings, headers: Headers.Headers): Forbidden | undefined => {
  const { host, origin } = headers
  const policy = { allowedOrigins: settings.allowedOrigins, tokenRequired: settings.token !== null }
  if (!isOriginAllowed(policy, origin, host)) {
    return forbidden(
      "origin-not-allowed",
      `Pages of ${origin} may not call this server: add the origin to SPILLWAY_ALLOWED_ORIGINS if they should.`
    )
  }
  if (!isHostTrusted(settings, host)) {
    return forbidden(
      "host-not-allowed",
      `This server runs without a token and answers only to names of this machine, not to ${host}: call it as localhost, or set SPILLWAY_TOKEN.`
    )
  }
  return undefined
}

/**
 * A browser sends no origin along when a page reads from its own host. A foreign page whose name resolves to 127.0.0.1 is on its own
 * host here, and only the name that it asks for gives it away.
 */
const isHostTrusted = ({ allowedOrigins, token }: DoorSettings, host: string | undefined): boolean => {
  if (token !== null || host === undefined) return true
  const url = URL.parse(`http://${host}`)
  return (
    url !== null &&
    (isLoopback(url.hostname) || allowedOrigins.some((origin) => URL.parse(origin)?.host === url.host))
  )
}

const forbidden = (code: Forbidden["code"], detail: string) =>
  new Forbidden({ code, detail, retryable: false })

/** What every answer to a page says, so that the page may read it. */
export const pageHeaders = (headers: Headers.Headers): Record<string, string> =>
  headers["origin"] === undefined
    ? { vary: "Origin" }
    : {
        vary: "Origin",
        "access-control-allow-origin": headers["origin"],
        "access-control-expose-headers": "Allow, ETag, Retry-After, WWW-Authenticate"
      }

/** Asked by a browser before a request that a plain link could not make. */
export const isPreflight = (method: string, headers: Headers.Headers): boolean =>
  method === "OPTIONS" &&
  headers["origin"] !== undefined &&
  headers["access-control-request-method"] !== undefined

/** `methods`: what the address takes. */
export const preflightHeaders = (methods: ReadonlyArray<string>): Record<string, string> => ({
  "access-control-allow-methods": methods.join(", "),
  "access-control-allow-headers":
    "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID",
  "access-control-max-age": "600"
})
