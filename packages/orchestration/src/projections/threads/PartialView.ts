/**
 * A thread's view with only those turns that the next events can touch: the ones that have not ended, and older ones that an
 * event names. `foldThread` folds it like a whole one; what the places and counts need of the turns that are not here stands
 * beside it.
 */
import {
  emptyThreadView,
  type LoggedEvent,
  type TenantId,
  type ThreadView,
  type TurnId,
  type ThreadId
} from "@spillway/contracts"

export interface PartialView {
  readonly tenant: TenantId
  readonly view: ThreadView
  /** The place of each of `view.turns` among all of the thread's turns, from 0. */
  readonly turnIndexes: ReadonlyArray<number>
  /** Of the whole thread. */
  readonly turnCount: number
  readonly messageCount: number
  readonly pendingRequests: number
}

export const emptyPartialView = (tenant: TenantId, threadId: ThreadId): PartialView => ({
  tenant,
  view: emptyThreadView(threadId),
  turnIndexes: [],
  turnCount: 0,
  messageCount: 0,
  pendingRequests: 0
})

/** The turns that an event changes or reads. */
const turnsNamedBy = ({ data }: LoggedEvent): ReadonlyArray<TurnId> =>
  ["turnId" in data ? data.turnId : null, "retryOf" in data ? data.retryOf : null].filter((id) => id !== null)

/** The turns that must be in the view before the events are folded, and are not. */
export const missingTurns = (
  partial: PartialView,
  events: ReadonlyArray<LoggedEvent>
): ReadonlyArray<TurnId> => {
  const present = new Set(partial.view.turns.map((turn) => turn.turnId))
  const missing = new Set<TurnId>()
  for (const event of events) {
    for (const turnId of turnsNamedBy(event)) {
      if (event.type === "thread.turn-start-requested" && turnId === event.data.turnId) present.add(turnId)
      else if (!present.has(turnId)) missing.add(turnId)
    }
  }
  return [...missing]
}

/** What stays in memory once the events are written: the turns that go on. */
export const withoutEndedTurns = (partial: PartialView): PartialView => {
  const goesOn = partial.view.turns.map((turn) => turn.status === "queued" || turn.status === "active")
  if (goesOn.every(Boolean)) return partial
  return {
    ...partial,
    view: { ...partial.view, turns: partial.view.turns.filter((_, i) => goesOn[i]) },
    turnIndexes: partial.turnIndexes.filter((_, i) => goesOn[i])
  }
}
