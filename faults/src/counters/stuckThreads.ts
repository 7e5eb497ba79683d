/** stuckThreads: threads that did not come to rest once nothing broke any more, or that did not take and complete a new turn then. */
import type { Counter } from "../evidence/Evidence.ts"

export const stuckThreads: Counter = ({ stuck }) => stuck
