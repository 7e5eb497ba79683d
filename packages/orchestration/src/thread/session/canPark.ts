import { isEmpty } from "../record.ts"
import type { ActiveTurn } from "../ThreadState.ts"

/**
 * Whether the turn can go on from the log when its session goes away now: it waits for an answer, or for a session that takes one. As
 * long as one answer is not taken, a resumable runtime has acted on none of them.
 */
export const canPark = (active: ActiveTurn): boolean =>
  active.session?.resumable === true &&
  !active.interruptRequested &&
  !(isEmpty(active.pendingRequests) && isEmpty(active.untakenRequests))
