import type { LoggedEvent } from "@spillway/contracts"
import { Result } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import { aimed, arbitraryMove } from "../testing/arbitraryMove.ts"
import { stateAfter } from "../testing/scenario.ts"
import { decide } from "../thread/decide.ts"
import { evolve } from "../thread/evolve.ts"
import { isEmpty } from "../thread/record.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { ActiveTurns } from "./ActiveTurns.ts"

const countsOf = ({ active }: ThreadState) => ({
  running: Number(active !== null && isEmpty(active.pendingRequests)),
  parked: Number(active !== null && !isEmpty(active.pendingRequests))
})

it("counts as the folded state does, from whatever state it began, also where events come again", () =>
  fc.assert(
    fc.property(
      fc.array(arbitraryMove, { minLength: 1, maxLength: 60 }),
      fc.nat(1_000),
      fc.nat(1_000),
      (moves, a, b) => {
        const states = [stateAfter([])]
        const events: Array<LoggedEvent> = []
        for (const move of moves) {
          const decision = decide(states.at(-1)!, aimed(states.at(-1)!, move))
          for (const event of Result.isSuccess(decision) ? decision.success : []) {
            const { tenant, threadId } = states[0]!
            events.push({ ...event, tenant, threadId } as LoggedEvent)
            states.push(evolve(states.at(-1)!, event))
          }
        }
        const seen = a % states.length
        const head = b % (seen + 1)
        const turns = new ActiveTurns()
        turns.begin(states[seen]!)
        for (const event of events.slice(head)) turns.take(event)
        expect({ running: turns.running(), parked: turns.parked() }).toEqual(countsOf(states.at(-1)!))
      }
    ),
    { numRuns: 500 }
  ))
