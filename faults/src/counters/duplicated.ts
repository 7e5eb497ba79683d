/**
 * duplicated: a command has effects once, in one append; a message is sent, a turn asked for, started and ended, a request resolved and
 * taken, a claim made at most once; no text stands in the log twice, and none that nobody wrote; and a runtime is called for a turn at most
 * as often as the turn was claimed.
 */
import { isTurnEnd, type LoggedEvent } from "@spillway/contracts"
import type { Counter, Evidence } from "../evidence/Evidence.ts"

export const duplicated: Counter = (evidence) => [
  ...twiceInLog(evidence),
  ...scatteredCommands(evidence),
  ...doubledText(evidence),
  ...unclaimedCalls(evidence)
]

/** What may be in the log once, by its own name. */
const onceOf = (event: LoggedEvent): string | undefined => {
  const thread = event.threadId
  switch (event.type) {
    case "thread.created":
    case "thread.deleted":
      return thread
    case "thread.message-sent":
    case "thread.message-opened":
    case "thread.message-closed":
      return event.data.messageId
    case "thread.turn-start-requested":
    case "thread.turn-started":
      return event.data.turnId
    case "thread.request-opened":
    case "thread.request-resolved":
    case "thread.request-taken":
    case "thread.request-withdrawn":
      return event.data.requestId
    case "thread.session-opened":
    case "thread.session-closed":
      return `${event.data.sessionId}@${event.data.generation}`
    case "thread.tool-call-opened":
    case "thread.tool-call-closed":
      return event.data.toolCallId
    default:
      return undefined
  }
}

const twiceInLog = ({ log }: Evidence): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return log.events.flatMap((event) => {
    const name = isTurnEnd(event) ? `end of ${event.data.turnId}` : onceOf(event)
    if (name === undefined) return []
    const key = isTurnEnd(event) ? `${event.threadId} ${name}` : `${event.threadId} ${event.type} ${name}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [`${event.type} of ${name} stands in the log again at position ${event.position}`]
  })
}

const scatteredCommands = ({ log }: Evidence): ReadonlyArray<string> => {
  const last = new Map<string, number>()
  return log.events.flatMap(({ commandId, position, type }) => {
    if (commandId === null) return []
    const before = last.get(commandId)
    last.set(commandId, position)
    return before === undefined || before === position - 1
      ? []
      : [`${commandId} has an effect again: ${type} at ${position}, after ${before}`]
  })
}

const doubledText = ({ texts }: Evidence): ReadonlyArray<string> => [
  ...texts.strays,
  ...texts.outcomes.flatMap(({ deviation, turnId }) =>
    deviation === null || deviation.kind === "skipped"
      ? []
      : [`${turnId}: ${deviation.kind}, ${deviation.text}`]
  )
]

const unclaimedCalls = ({ calls, log }: Evidence): ReadonlyArray<string> => {
  const claims = new Map<string, number>()
  for (const event of log.events) {
    if (event.type !== "thread.session-opened") continue
    claims.set(event.data.turnId, (claims.get(event.data.turnId) ?? 0) + 1)
  }
  return [...Map.groupBy(calls, ({ turnId }) => turnId)].flatMap(([turnId, { length }]) => {
    const claimed = claims.get(turnId) ?? 0
    return length > claimed ? [`${turnId}: a runtime was called ${length} times for ${claimed} claims`] : []
  })
}
