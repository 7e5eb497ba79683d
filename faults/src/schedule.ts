/**
 * What breaks, and when: a function of the seed and the length alone, so that a failing seed can be had again. Moments are spread over the
 * run and random inside their share of it. Nothing is broken in the beginning, when everything is being started.
 */
import { seeded, type Seeded } from "./seeded.ts"

export type Side = "clients" | "database"

export type Fault =
  /** kill -9 of the server's process; another one is started `pause` later. */
  | { readonly type: "kill-server"; readonly pause: number }
  /** kill -9 of the postmaster and all of its backends; it is started on the same directory and port `pause` later. */
  | { readonly type: "kill-postgres"; readonly pause: number }
  /** kill -9 of the process that hosts the remote runtime. */
  | { readonly type: "kill-runtime" }
  /** Ends connections, of every hundred so many. */
  | { readonly type: "cut"; readonly side: Side; readonly percent: number }
  /** Ends each connection once it has carried so many bytes more of answers: in the middle of one. */
  | { readonly type: "cut-in-answer"; readonly side: Side; readonly afterBytes: number }
  /** Everything takes so much longer, for so long. */
  | { readonly type: "delay"; readonly side: Side; readonly by: number; readonly lasting: number }
  /** Nothing gets through for so long, and nobody is told; then it does, or the connections are ended. */
  | { readonly type: "black-hole"; readonly side: Side; readonly lasting: number; readonly thenCut: boolean }

/** Milliseconds after the load has begun. */
export type TimedFault = Fault & { readonly at: number }

/** How often each of them comes in 300 s: above the least that a run must have, since some of them meet. */
const IN_300_SECONDS = {
  "kill-server": 36,
  "kill-postgres": 13,
  "kill-runtime": 4,
  cut: 40,
  "cut-in-answer": 24,
  delay: 12,
  "black-hole": 8
} as const satisfies Record<Fault["type"], number>

/** The least that counts as a run, in 300 s. */
export const LEAST_IN_300_SECONDS = {
  serverKills: 30,
  postgresKills: 10,
  killsInMidText: 10,
  acked: 5_000,
  turnsCompleted: 500
} as const

/** Milliseconds in which nothing breaks, at first. */
const LEAD = 4_000

export const scheduleOf = (seed: number, seconds: number): ReadonlyArray<TimedFault> => {
  const chance = seeded(seed, "schedule")
  const span = Math.max(1_000, seconds * 1_000 - LEAD)
  return (Object.keys(IN_300_SECONDS) as Array<Fault["type"]>)
    .flatMap((type) => {
      const count = Math.max(1, Math.round((IN_300_SECONDS[type] * seconds) / 300))
      return Array.from({ length: count }, (_, i): TimedFault => {
        const at = LEAD + Math.round((span * (i + 0.1 + chance.roll() * 0.8)) / count)
        return { at, ...faultOf(type, chance) }
      })
    })
    .sort((one, other) => one.at - other.at)
}

const faultOf = (type: Fault["type"], chance: Seeded): Fault => {
  const side = (): Side => (chance.percent(60) ? "clients" : "database")
  switch (type) {
    case "kill-server":
      return { type, pause: chance.percent(70) ? 0 : chance.between(50, 1_000) }
    case "kill-postgres":
      return { type, pause: chance.percent(50) ? 0 : chance.between(100, 2_000) }
    case "kill-runtime":
      return { type }
    case "cut":
      return { type, side: side(), percent: chance.oneOf([20, 50, 100]) }
    case "cut-in-answer":
      return { type, side: side(), afterBytes: chance.between(1, 3_000) }
    case "delay":
      return { type, side: side(), by: chance.between(20, 250), lasting: chance.between(500, 3_000) }
    case "black-hole":
      return { type, side: side(), lasting: chance.between(300, 2_500), thenCut: chance.percent(60) }
  }
}
