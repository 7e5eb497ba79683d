/** What comes after the storm: everything that was begun comes to its end, and each thread takes and completes one more turn. */
import type { Crowd } from "./load/Crowd.ts"

/** Milliseconds that each of the two may take. */
const LIMIT = 30_000

/** Threads that did not, and what they did not do. */
export const rest = async (crowd: Crowd): Promise<ReadonlyArray<string>> => {
  const outcomes = await Promise.all(
    crowd.threads.map(async ({ lastTurn, stop, threadId }) => {
      if (!(await within(LIMIT, stop()))) return [`${threadId} did not come to rest in ${LIMIT / 1_000} s`]
      if (await within(LIMIT, lastTurn())) return []
      return [`${threadId} did not complete one more turn in ${LIMIT / 1_000} s`]
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
