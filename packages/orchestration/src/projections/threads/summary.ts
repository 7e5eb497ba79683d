/** What a list says of a thread. Counts are sums over turns, so that they can be kept by the turns that change. */
import {
  pieces,
  type MessageView,
  type ThreadSummary,
  type ThreadView,
  type TurnView
} from "@spillway/contracts"
import { textOf } from "./said.ts"

/** The most code units of a preview. */
const PREVIEW_LENGTH = 200

/** What a person sees of a turn: nothing of an attempt that was retried. A message counts with the turn it was sent in. */
const shown = (turn: TurnView): ReadonlyArray<MessageView> =>
  turn.retriedBy === null
    ? turn.messages.filter((message) => message.role !== "system" && message.status !== "discarded")
    : []

export const messageCountOf = (turn: TurnView): number => shown(turn).length

export const pendingRequestsOf = (turn: TurnView): number =>
  turn.requests.filter((request) => request.status === "pending").length

/** The beginning of the text of the turn's last closed message that has any; empty when there is none to show. */
export const previewOf = (turn: TurnView): string => {
  for (const message of shown(turn).toReversed()) {
    if (message.status === "open") continue
    const text = textOf(message).trim()
    if (text !== "") return pieces(text, PREVIEW_LENGTH)[0]!
  }
  return ""
}

export const activityOf = (activeTurnId: string | null, pendingRequests: number): ThreadSummary["activity"] =>
  activeTurnId === null ? "idle" : pendingRequests > 0 ? "waiting" : "working"

/** The summary of a whole view: what the read model says of the same events. */
export const summaryOf = (view: ThreadView): ThreadSummary => {
  const sum = (of: (turn: TurnView) => number) => view.turns.reduce((total, turn) => total + of(turn), 0)
  return {
    threadId: view.threadId,
    version: view.version,
    status: view.status,
    title: view.title,
    activity: activityOf(view.activeTurnId, sum(pendingRequestsOf)),
    turnCount: view.turns.length,
    messageCount: sum(messageCountOf),
    preview: view.turns.map(previewOf).findLast((preview) => preview !== "") ?? "",
    createdAt: view.createdAt,
    updatedAt: view.updatedAt
  }
}
