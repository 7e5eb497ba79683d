/**
 * Folds a thread from its first event on, for rows that are written once. Turns that have ended are laid aside until an event
 * names them, so that a thread costs as much as it is long, and not its square.
 */
import {
  foldThread,
  type LoggedEvent,
  type TenantId,
  type ThreadId,
  type TurnId,
  type TurnView
} from "@spillway/contracts"
import { addChanges } from "../threads/changes.ts"
import {
  emptyPartialView,
  missingTurns,
  type PartialView,
  withoutEndedTurns
} from "../threads/PartialView.ts"
import type { Rows } from "../threads/tables.ts"

interface Placed {
  readonly turn: TurnView
  readonly index: number
}

export class WholeThread {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  events = 0
  private readonly aside = new Map<TurnId, Placed>()
  private partial: PartialView

  constructor(tenant: TenantId, threadId: ThreadId) {
    this.tenant = tenant
    this.threadId = threadId
    this.partial = emptyPartialView(tenant, threadId)
  }

  /** Throws when they can't be folded. */
  fold(events: ReadonlyArray<LoggedEvent>): void {
    const named = missingTurns(this.partial, events).flatMap((turnId) => this.aside.get(turnId) ?? [])
    const before = this.partial.view
    const turns = [...before.turns, ...named.map(({ turn }) => turn)]
    const turnIndexes = [...this.partial.turnIndexes, ...named.map(({ index }) => index)]
    const view = foldThread({ ...before, turns }, events)
    // A fold only ever adds turns behind the others.
    let { turnCount } = this.partial
    while (turnIndexes.length < view.turns.length) turnIndexes.push(turnCount++)
    for (const [i, turn] of view.turns.entries())
      this.aside.set(turn.turnId, { turn, index: turnIndexes[i]! })
    this.partial = withoutEndedTurns({ ...this.partial, view, turnIndexes, turnCount })
    this.events += events.length
  }

  addRows(rows: Rows): void {
    const turns: Array<TurnView> = []
    for (const { index, turn } of this.aside.values()) turns[index] = turn
    addChanges(rows, emptyPartialView(this.tenant, this.threadId), { ...this.partial.view, turns })
  }
}
