/** What a run has come to: its figures, whether each is as it must be, and what was found. */
import type { Evidence } from "./evidence/Evidence.ts"
import { duplicated } from "./counters/duplicated.ts"
import { gaps } from "./counters/gaps.ts"
import { inversions } from "./counters/inversions.ts"
import { killsInMidText } from "./counters/killsInMidText.ts"
import { lost } from "./counters/lost.ts"
import { lostBuffered } from "./counters/lostBuffered.ts"
import { stuckThreads } from "./counters/stuckThreads.ts"
import { viewMismatches } from "./counters/viewMismatches.ts"
import { LEAST_IN_300_SECONDS } from "./schedule.ts"

/** Each finds nothing in a run in which all was well. */
export const counters = { lost, duplicated, gaps, inversions, stuckThreads, viewMismatches } as const
export type CounterName = keyof typeof counters

/** Milliseconds of text that a crash may lose. */
export const MOST_LOST = 1_000

/** Of each counter, so many findings are told. */
const TOLD = 5

export interface RunFacts {
  readonly seed: number
  readonly seconds: number
  readonly postgresKills: number
  readonly runtimeKills: number
  readonly connectionCuts: number
  /** Ends of the server that nobody asked for, errors in its log, errors that no client should get, commands that were never answered. */
  readonly endedByItself: ReadonlyArray<string>
  readonly serverErrors: ReadonlyArray<string>
  readonly clientErrors: ReadonlyArray<string>
  readonly unanswered: number
}

export const verdictOf = (evidence: Evidence, facts: RunFacts) => {
  const found = Object.fromEntries(
    Object.entries(counters).map(([name, counter]) => [name, counter(evidence)])
  ) as Record<CounterName, ReadonlyArray<string>>
  const lostTexts = lostBuffered(evidence)
  const acked = [...evidence.commands.values()].filter(({ acks }) => acks.length > 0).length
  const turnsCompleted = evidence.log.events.filter(({ type }) => type === "thread.turn-completed").length
  const figures = {
    seed: facts.seed,
    serverKills: evidence.serverKills.length,
    postgresKills: facts.postgresKills,
    connectionCuts: facts.connectionCuts,
    killsInMidText: killsInMidText(evidence),
    acked,
    turnsCompleted,
    lost: found.lost.length,
    duplicated: found.duplicated.length,
    gaps: found.gaps.length,
    inversions: found.inversions.length,
    stuckThreads: found.stuckThreads.length,
    lostBufferedMsMax: Math.round(lostTexts[0]?.lost ?? 0),
    viewMismatches: found.viewMismatches.length
  }
  const least = Object.entries(LEAST_IN_300_SECONDS).map(
    ([name, count]) =>
      [name as keyof typeof LEAST_IN_300_SECONDS, Math.floor((count * facts.seconds) / 300)] as const
  )
  const wrong = [
    ...Object.entries(found).flatMap(([name, findings]) => findings.map((finding) => `${name}: ${finding}`)),
    ...lostTexts
      .filter(({ lost }) => Math.round(lost) > MOST_LOST)
      .map(
        ({ age, characters, kill, lost, turnId }) =>
          `lostBufferedMsMax: kill ${kill.process} lost ${characters} characters of ${turnId}, ${Math.round(lost)} ms of intake, the oldest ${Math.round(age)} ms old`
      ),
    ...least
      .filter(([name, count]) => figures[name] < count)
      .map(
        ([name, count]) => `${name}: ${figures[name]} are too few to say anything; ${count} are the least`
      ),
    ...facts.endedByItself.map((message) => `The server ended by itself: ${message}`),
    ...facts.serverErrors.map((message) => `The server logged an error: ${message}`),
    ...facts.clientErrors.map((message) => `A client got an error: ${message}`),
    ...(facts.unanswered > 0 ? [`${facts.unanswered} commands were never answered.`] : [])
  ]
  return {
    ...figures,
    ok: wrong.length === 0,
    seconds: facts.seconds,
    events: evidence.log.head.position,
    turnsInterrupted: evidence.log.events.filter(({ type }) => type === "thread.turn-interrupted").length,
    sentAgain: [...evidence.commands.values()].filter(({ sent }) => sent > 1).length,
    runtimeKills: facts.runtimeKills,
    runtimeCalls: evidence.calls.length,
    remoteTurns: evidence.calls.filter(({ process }) => process < 0).length,
    lostBufferedAgeMsMax: Math.round(Math.max(0, ...lostTexts.map(({ age }) => age))),
    serverEndedByItself: facts.endedByItself.length,
    serverErrors: facts.serverErrors.length,
    clientErrors: facts.clientErrors.length,
    unanswered: facts.unanswered,
    wrong: Object.values(Object.groupBy(wrong, (line) => line.slice(0, line.indexOf(":")))).flatMap((lines) =>
      (lines ?? []).slice(0, TOLD)
    )
  }
}

export type Verdict = ReturnType<typeof verdictOf>
