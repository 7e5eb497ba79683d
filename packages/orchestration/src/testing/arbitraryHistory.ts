/** What may happen in a few threads, step by step: commands that are decided, and remarks that no command leads to. */
import type { MessageId, ThreadEvent, TurnId } from "@spillway/contracts"
import { Result } from "effect"
import fc from "fast-check"
import { decide } from "../thread/decide.ts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { aimed, arbitraryMove } from "./arbitraryMove.ts"

/** What happens next, and where; `late` may make it a remark about a turn of long ago. `commit`: with what came before it. */
export const arbitraryStep = fc.record({
  move: arbitraryMove,
  thread: fc.nat(2),
  late: fc.nat(99),
  commit: fc.boolean()
})

export type Step = typeof arbitraryStep extends fc.Arbitrary<infer A> ? A : never

export const eventsOf = (state: ThreadState, { late, move }: Step): ReadonlyArray<ThreadEvent> => {
  if (late < 5) return lateRemark(state, late)
  const decision = decide(state, aimed(state, move))
  return Result.isSuccess(decision) ? decision.success : []
}

/** No command leads to these, and a log may hold them all the same. */
const lateRemark = (state: ThreadState, late: number): ReadonlyArray<ThreadEvent> => {
  const turns = Object.keys(state.turns) as Array<TurnId>
  const messages = Object.keys(state.messages) as Array<MessageId>
  if (turns.length === 0 || messages.length === 0) return []
  return turns.slice(0, 2).map((turnId, i) => ({
    type: "thread.activity-recorded",
    data: {
      turnId,
      activity: { type: "message-metadata", messageId: messages[i % messages.length]!, model: `late ${late}` }
    }
  }))
}
