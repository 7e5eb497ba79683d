/**
 * lostBufferedMsMax: over all kills of the server and all runtimes that were at work then, the longest time from when the earliest character
 * that was lost had been handed over until the kill. Time in which nothing could be handed over does not count: while the runtime was kept
 * waiting, its text being outside; and while the process did not run at all, on a busy machine. Where the runtime was waiting at the kill,
 * intake had stopped with the last thing that was taken. A turn that somebody had interrupted takes no more text, and does not count.
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
  const stopped = [...waits(call), ...silences(call, kill.at)]
  return [
    {
      kill,
      turnId,
      age: kill.at - earliest,
      lost: until - earliest - covered(stopped, earliest, until),
      characters
    }
  ]
}

type Span = readonly [from: number, to: number]

/** Without a sign of the process for longer than this, it did not run. Milliseconds. */
const SILENCE = 100

/** When the last thing was taken, if the next one was waiting at the kill; else the kill. */
const intakeEnd = ({ offers }: RuntimeCall, killedAt: number): number =>
  offers.some(({ takenAt }) => takenAt === null)
    ? offers.reduce((last, { takenAt }) => Math.max(last, takenAt ?? 0), 0)
    : killedAt

/** When the runtime was waiting to be rid of something. */
const waits = ({ offers }: RuntimeCall): ReadonlyArray<Span> =>
  offers.flatMap(({ offeredAt, takenAt }) => (takenAt === null ? [] : [[offeredAt, takenAt] as const]))

/** When the process did not run. */
const silences = ({ signs }: RuntimeCall, killedAt: number): ReadonlyArray<Span> =>
  [...signs, killedAt].flatMap((at, i, all) => {
    const before = all[i - 1]
    return before !== undefined && at - before > SILENCE ? [[before, at] as const] : []
  })

/** How much of the time from one moment to another lies in any of the spans. */
const covered = (spans: ReadonlyArray<Span>, from: number, to: number): number => {
  let sum = 0
  let reached = from
  for (const [begin, end] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = Math.min(to, end)
    const first = Math.max(reached, begin)
    if (last <= first) continue
    sum += last - first
    reached = last
  }
  return sum
}
