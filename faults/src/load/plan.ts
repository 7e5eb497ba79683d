/** What is done in a thread, turn after turn: decided by chance that depends on the seed and the thread alone. */
import type { DeliveryMode, IfBusy, RuntimeChoice } from "@spillway/contracts"
import { seeded, type Seeded } from "../seeded.ts"

/** Something done while the turn runs, so many milliseconds after its start was answered. */
export type Move = { readonly after: number } & (
  | { readonly type: "rename"; readonly title: string }
  | { readonly type: "interrupt" }
  | { readonly type: "steer"; readonly text: string }
  | { readonly type: "another"; readonly ifBusy: IfBusy; readonly turn: PlannedTurn }
)

export interface PlannedTurn {
  readonly mode: DeliveryMode
  readonly role: "user" | "system"
  readonly text: string
  readonly choice: RuntimeChoice
}

export interface Plan {
  readonly turn: PlannedTurn
  readonly moves: ReadonlyArray<Move>
  /** Whether a turn that did not complete is tried again. */
  readonly retries: boolean
  /** Milliseconds before the next one. */
  readonly rest: number
}

export interface Planner {
  readonly next: () => Plan
  /** The end of it all: a turn that only shows that the thread takes one. */
  readonly last: () => PlannedTurn
}

export const plannerOf = (seed: number, threadId: string): Planner => {
  const chance = seeded(seed, `thread ${threadId}`)
  let count = 0
  return {
    next: () => {
      count++
      const turn = turnBy(chance, count)
      return {
        turn,
        moves: movesBy(chance, count),
        retries: chance.percent(50),
        rest: chance.percent(60) ? chance.between(0, 100) : chance.between(100, 900)
      }
    },
    last: () => scripted("hello", {}, "the last one", "buffered")
  }
}

/** How a person answers a request: by its id alone, so that it does not matter who asks when. */
export const answerTo = (seed: number, requestId: string) => {
  const chance = seeded(seed, `request ${requestId}`)
  return {
    after: chance.percent(60) ? chance.between(0, 300) : chance.between(300, 4_000),
    approves: chance.percent(75)
  }
}

const scripted = (
  script: string,
  options: RuntimeChoice["options"],
  text: string,
  mode: DeliveryMode
): PlannedTurn => ({
  mode,
  role: "user",
  text,
  choice: { runtime: "scripted", options: { script, ...options } }
})

const turnBy = (chance: Seeded, count: number): PlannedTurn => {
  const mode = chance.oneOf(["buffered", "streaming", "paragraph"] as const)
  const text = `Question ${count}: what stands at mark ${chance.between(1, 999)}?`
  const kind = chance.between(1, 100)
  if (kind <= 34) {
    // Up to four seconds, at the pace of a model.
    const intervalMs = chance.oneOf([20, 30, 50])
    const deltas = Math.round(chance.between(400, 4_000) / intervalMs)
    const options = { deltas, deltaSize: chance.between(3, 12), intervalMs }
    if (kind <= 20) return scripted("stream", options, text, mode)
    const runtime = kind <= 27 ? "typist" : "remote"
    return {
      mode,
      role: "user",
      text,
      choice: { runtime, options: { ...options, asks: chance.percent(25) } }
    }
  }
  if (kind <= 44) return scripted("approval", {}, text, mode)
  if (kind <= 49) return scripted("question", {}, text, mode)
  if (kind <= 56) return scripted("long", { characters: chance.between(3_000, 60_000) }, text, mode)
  const script = chance.oneOf(["hello", "text", "tools", "tools", "reasoning", "retry", "error"])
  const turn = scripted(script, script === "tools" ? { intervalMs: chance.between(0, 80) } : {}, text, mode)
  return chance.percent(90) ? turn : { ...turn, role: "system" }
}

const movesBy = (chance: Seeded, count: number): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  const renames = chance.between(4, 12)
  for (let i = 0; i < renames; i++) {
    moves.push({ type: "rename", after: chance.between(0, 2_000), title: `${count}.${i}` })
  }
  if (chance.percent(12)) moves.push({ type: "interrupt", after: chance.between(0, 1_500) })
  if (chance.percent(10)) {
    moves.push({ type: "steer", after: chance.between(0, 1_000), text: `this way, ${count}` })
  }
  if (chance.percent(15)) {
    const ifBusy = chance.oneOf(["queue", "queue", "interrupt", "reject", "steer"] as const)
    const turn = scripted("text", {}, `another, ${count}`, "streaming")
    moves.push({ type: "another", after: chance.between(0, 1_000), ifBusy, turn })
  }
  return moves.sort((one, other) => one.after - other.after)
}
