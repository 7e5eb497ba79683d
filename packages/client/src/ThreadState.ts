/** A thread as its followers see it. */
import type { MessageView, RequestView, ThreadId, ThreadView } from "@spillway/contracts"
import { timeline } from "@spillway/contracts/plain"
import type { Following, ThreadStatus } from "./following.ts"
import { laidOver } from "./laidOver.ts"
import type { PendingCommand } from "./PendingCommand.ts"
import { predicted } from "./predict.ts"

export interface ThreadState {
  readonly threadId: ThreadId
  readonly status: ThreadStatus
  /** Of `refused`: why. */
  readonly error: { readonly code: string; readonly message: string } | null
  /**
   * The fold of the thread's events, the same as the server's, with what is on its way: live text, and the commands that were given
   * here. Its `version` is that of the events.
   */
  readonly view: ThreadView
  /** What to show, in order: `timeline(view)`. A message keeps its id from its first sign to its last, so ids are keys. */
  readonly messages: ReadonlyArray<MessageView>
  /** Questions that the active turn waits for. */
  readonly requests: ReadonlyArray<RequestView>
  /** Commands given here that have not become part of the thread, those that were turned down among them. */
  readonly pending: ReadonlyArray<PendingCommand>
  /** There are turns before the first one in `view`. */
  readonly hasOlder: boolean
}

/** What a state was made of. */
export interface Shown {
  readonly following: Following
  readonly pending: ReadonlyArray<PendingCommand>
  readonly state: ThreadState
}

/** Takes over whatever is equal from the state before. */
export const show = (following: Following, pending: ReadonlyArray<PendingCommand>, last?: Shown): Shown => {
  const { before, durable, error, status } = following
  const view = viewOf(following, pending, last)
  const isSame = view === last?.state.view
  const state: ThreadState = {
    threadId: durable.threadId,
    status,
    error,
    view,
    messages: isSame ? last.state.messages : same(timeline(view), last?.state.messages),
    requests: isSame ? last.state.requests : same(waiting(view), last?.state.requests),
    pending,
    hasOlder: before !== null
  }
  return {
    following,
    pending,
    state: last !== undefined && isAsBefore(state, last.state) ? last.state : state
  }
}

const isAsBefore = (state: ThreadState, before: ThreadState): boolean =>
  (Object.keys(state) as Array<keyof ThreadState>).every((key) => state[key] === before[key])

const viewOf = (
  { durable, overlay }: Following,
  pending: ReadonlyArray<PendingCommand>,
  last: Shown | undefined
): ThreadView => {
  const isSame =
    last?.following.durable === durable && last.following.overlay === overlay && last.pending === pending
  if (isSame) return last.state.view
  const committed = laidOver(overlay, durable)
  const view = predicted(committed, pending)
  if (view === committed || last === undefined) return view
  // What is predicted is made anew each time: a turn of which nothing changed is the one from before.
  const turns = view.turns.map((turn, i) => {
    if (turn === committed.turns[i]) return turn
    const before = last.state.view.turns.findLast(({ turnId }) => turnId === turn.turnId)
    return before !== undefined && JSON.stringify(before) === JSON.stringify(turn) ? before : turn
  })
  return { ...view, turns }
}

const waiting = (view: ThreadView): ReadonlyArray<RequestView> =>
  view.turns
    .filter((turn) => turn.status === "active")
    .flatMap((turn) => turn.requests.filter((request) => request.status === "pending"))

/** The list before, where it holds the same. */
const same = <A>(next: ReadonlyArray<A>, last: ReadonlyArray<A> | undefined): ReadonlyArray<A> =>
  last?.length === next.length && last.every((item, i) => item === next[i]) ? last : next
