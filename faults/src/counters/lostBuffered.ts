/**
 * lostBufferedMsMax: over all kills of the server and all runtimes that were at work then, the longest time from when the earliest character
 * that was lost had been handed over until the kill. Time in which the runtime was kept waiting does not count: nothing was taken then, and
 * its text waits outside; where it was waiting at the kill, intake had stopped with the last thing that was taken. A turn that somebody had
 * interrupted takes no more text, and does not count.
 */
import type { Evidence, ServerKill } from "../evidence/Evidence.ts"
import type { TextOutcome } from "../evidence/turnTexts.ts"
import type { RuntimeCall } from "../ledger/readTexts.ts"

export interface LostText {
  readonly kill: ServerKill
  readonly turnId: string
  /** Milliseconds of intake. */
  readonly lost: number
  /** Milliseconds by the clock. */
  readonly age: number
  readonly characters: number
}

/** What each kill has lost, the most first. */
export const lostBuffered = (evidence: Evidence): ReadonlyArray<LostText> => {
  const kills = new Map(evidence.serverKills.map((kill) => [kill.process, kill]))
  const interrupted = new Set(
    evidence.log.events.flatMap((event) =>
      event.type === "thread.turn-interrupt-requested" || event.type === "thread.deleted"
        ? [event.type === "thread.deleted" ? event.threadId : (event.data.turnId as string)]
        : []
    )
  )
  return evidence.texts.outcomes
    .flatMap((outcome) => {
      const kill = kills.get(outcome.call.process)
      const { returnedAt } = outcome.call
      if (kill === undefined || (returnedAt !== null && returnedAt < kill.at)) return []
      if (interrupted.has(outcome.turnId)) return []
      return lostOf(outcome, kill)
    })
    .sort((one, other) => other.lost - one.lost)
}

const lostOf = (
  { call, durable, pieces, turnId }: TextOutcome,
  kill: ServerKill
): ReadonlyArray<LostText> => {
  let end = 0
  let earliest: number | null = null
  let characters = 0
  for (const { takenAt, text } of pieces) {
    end += text.length
    if (takenAt === null || end <= durable) continue
    earliest ??= takenAt
    characters += Math.min(text.length, end - durable)
  }
  if (earliest === null) return []
  const until = intakeEnd(call, kill.at)
  const lost = until - earliest - waited(call, earliest, until)
  return [{ kill, turnId, age: kill.at - earliest, lost, characters }]
}

/** When the last thing was taken, if the next one was waiting at the kill; else the kill. */
const intakeEnd = ({ offers }: RuntimeCall, killedAt: number): number =>
  offers.some(({ takenAt }) => takenAt === null)
    ? offers.reduce((last, { takenAt }) => Math.max(last, takenAt ?? 0), 0)
    : killedAt

/** For how long, from one moment to another, the runtime was waiting to be rid of something. */
const waited = ({ offers }: RuntimeCall, from: number, to: number): number => {
  let sum = 0
  let covered = from
  for (const { offeredAt, takenAt } of offers) {
    const begin = Math.max(covered, offeredAt)
    const end = Math.min(to, takenAt ?? to)
    if (end <= begin) continue
    sum += end - begin
    covered = end
  }
  return sum
}
