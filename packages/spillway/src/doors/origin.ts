/**
 * Which web pages may talk to the server. A browser sends the page's origin with every upgrade, and no page can change it; a
 * program that is no browser sends none. Without this check any page that somebody visits could drive the agent on their
 * loopback.
 */
export interface OriginPolicy {
  /** Origins let in by name: `https://console.example.com`. */
  readonly allowedOrigins: ReadonlyArray<string>
  /**
   * A token is asked for. Without one a page of the server's own host is not trusted by that alone: with a name of its own that
   * resolves to 127.0.0.1, a foreign page is on the server's host too.
   */
  readonly tokenRequired: boolean
}

export const isOriginAllowed = (
  policy: OriginPolicy,
  origin: string | undefined,
  host: string | undefined
): boolean => {
  if (origin === undefined) return true
  if (policy.allowedOrigins.includes(origin)) return true
  const url = URL.parse(origin)
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false
  return isLoopback(url.hostname) || (policy.tokenRequired && url.host === host)
}

/** True for names and addresses that only this machine reaches. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  hostname === "::1" ||
  /^127(\.\d{1,3}){3}$/.test(hostname)
