/** Where a server is, for websocket and HTTP alike. */
import { WEBSOCKET_PATH } from "@spillway/contracts/plain"

export interface Address {
  /** Of the websocket. */
  readonly socket: string
  /** What the paths of the HTTP API are appended to. */
  readonly http: string
}

/**
 * `https://host`, `wss://host`, `wss://host/v1/ws` and, in a page, `/` are all one address. A server below a path of another one is named
 * with that path: `https://host/agents`.
 */
export const addressOf = (url: string): Address => {
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  const parsed = URL.canParse(url, location?.href) ? new URL(url, location?.href) : undefined
  if (parsed === undefined || !/^(?:http|ws)s?:$/.test(parsed.protocol)) {
    throw new Error(`${url} is no address of a server: write it as https://host or ws://127.0.0.1:4000.`)
  }
  const path = parsed.pathname.replace(/\/+$/, "")
  const base = path.endsWith(WEBSOCKET_PATH) ? path.slice(0, -WEBSOCKET_PATH.length) : path
  const secure = parsed.protocol === "https:" || parsed.protocol === "wss:" ? "s" : ""
  return {
    socket: `ws${secure}://${parsed.host}${base}${WEBSOCKET_PATH}`,
    http: `http${secure}://${parsed.host}${base}`
  }
}
