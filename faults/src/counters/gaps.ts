/**
 * gaps: positions are dense from 1 to the log's head, versions dense from 1 in each thread, both hash chains come out as they are stored,
 * each segment begins where the text before it ends, no subscriber was shown an event without the one before it, and the cursor of each
 * session stands in the generation that wrote last; and no text lies in the checkpoint any more, now that all sessions have ended.
 */
import { EMPTY_LOG, verifyRange } from "@spillway/orchestration"
import { Result } from "effect"
import type { Counter, Evidence } from "../evidence/Evidence.ts"

export const gaps: Counter = (evidence) => [
  ...chains(evidence),
  ...offsets(evidence),
  ...unfollowed(evidence),
  ...cursors(evidence),
  ...[...evidence.log.checkpointed].map((sessionId) => `The checkpoint still holds text of ${sessionId}`)
]

const chains = ({ log }: Evidence): ReadonlyArray<string> => {
  const verified = verifyRange(EMPTY_LOG, log.rows)
  if (Result.isFailure(verified)) return [verified.failure.message]
  const { hash, position } = verified.success
  if (position !== log.head.position) {
    return [`The log ends at position ${position}, and its head says ${log.head.position}`]
  }
  return hash === log.head.hash ? [] : ["The log's hash is not that of its events"]
}

const offsets = ({ log }: Evidence): ReadonlyArray<string> => {
  const lengths = new Map<string, number>()
  return log.events.flatMap((event) => {
    const isText = event.type === "thread.message-segment-appended"
    if (!isText && event.type !== "thread.tool-call-output-appended") return []
    const { messageId, offset, text } = event.data
    const key = `${event.threadId} ${messageId} ${isText ? event.data.partId : event.data.toolCallId}`
    const length = lengths.get(key) ?? 0
    lengths.set(key, offset + text.length)
    return offset === length ? [] : [`${key}: a segment at ${offset} stands behind ${length} characters`]
  })
}

const unfollowed = ({ logSubscribers, subscribers }: Evidence): ReadonlyArray<string> =>
  [...subscribers, ...logSubscribers].flatMap(({ seen, whose }) =>
    seen.complaints.flatMap(({ kind, text }) => (kind === "gap" ? [`${whose}: ${text}`] : []))
  )

const cursors = ({ log }: Evidence): ReadonlyArray<string> => {
  const generations = new Map<string, number>()
  for (const { actor, causationId } of log.events) {
    const [, sessionId, generation] = /^(.+)@(\d+)$/.exec(causationId ?? "") ?? []
    if (sessionId !== undefined && actor.startsWith("runtime:")) {
      generations.set(sessionId, Math.max(generations.get(sessionId) ?? 0, Number(generation)))
    }
  }
  return [...generations].flatMap(([sessionId, generation]) => {
    const cursor = log.cursors.get(sessionId)
    return cursor?.generation === generation
      ? []
      : [
          `${sessionId} wrote in generation ${generation}, and its cursor says ${cursor?.generation ?? "nothing"}`
        ]
  })
}
