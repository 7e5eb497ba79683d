/** What comes after the storm: everything that was begun comes to its end, and each thread takes and completes one more turn. */
import type { Crowd } from "./load/Crowd.ts"

/** Milliseconds that each of the two may take. */
const LIMIT = 30_000

/** Threads that did not, and what they did not do. */
export const rest = async (
  crowd: Pick<Crowd, "threads">,
  limit: number = LIMIT
): Promise<ReadonlyArray<string>> => {
  const outcomes = await Promise.all(
    crowd.threads.map(async ({ lastTurn, stop, threadId }) => {
      if (!(await within(limit, stop()))) return [`${threadId} did not come to rest in ${limit / 1_000} s`]
      if (await within(limit, lastTurn())) return []
      return [`${threadId} did not complete one more turn in ${limit / 1_000} s`]
    })
  )
  return outcomes.flat()
}

const within = async (milliseconds: number, promise: Promise<void>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)))
  try {
    return await Promise.race([promise.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
