/** The longest wait before the first attempt after a connection was lost. Milliseconds. */
const FIRST = 500

/** The longest wait before any attempt. Milliseconds. */
const LONGEST = 30_000

/**
 * How long to wait before an attempt, in milliseconds: anything up to a limit that doubles with each one that failed ("full jitter"),
 * so that the clients of a server that comes back do not all come at once. `attempt` counts from 0; `random` is in [0, 1).
 */
export const backoff = (attempt: number, random: number): number =>
  random * Math.min(LONGEST, FIRST * 2 ** attempt)
