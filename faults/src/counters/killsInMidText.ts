/**
 * killsInMidText: kills of the server at which a runtime was between two pieces of one text: the last thing that it had handed over, less
 * than a second ago, was a piece, and it had not come to its end.
 */
import type { Evidence } from "../evidence/Evidence.ts"

/** Milliseconds. */
const RECENT = 1_000

export const killsInMidText = ({ calls, serverKills }: Pick<Evidence, "calls" | "serverKills">): number =>
  serverKills.filter(({ at, process }) =>
    calls.some((call) => {
      const last = call.offers.at(-1)
      return (
        call.process === process &&
        (call.returnedAt === null || call.returnedAt > at) &&
        last !== undefined &&
        last.item !== null &&
        at - (last.takenAt ?? last.offeredAt) < RECENT
      )
    })
  ).length
