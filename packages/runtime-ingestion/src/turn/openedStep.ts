/** The last step of a claimed turn, read from the log: for a runtime that lost its server's answer while it opened one. */
import { assistantMessageIdOf } from "@spillway/contracts"
import { EventLog, type SessionClaim } from "@spillway/orchestration"
import { Effect } from "effect"
import type { OpenedStep } from "../ProviderRuntime.ts"

const PAGE = 1_000

interface Found extends Pick<OpenedStep, "stepId" | "messageId"> {
  readonly steeredBy: ReadonlyArray<string>
}

/** `null` before the first one. With the texts of the messages that steered it, and the message that it writes now. */
export const openedStep = Effect.fnUntraced(function* (claim: SessionClaim) {
  const { tenant, threadId, turnId } = claim
  const log = yield* EventLog
  /** Steering messages of the turn. */
  const texts = new Map<string, string>()
  let found = null as Found | null
  let version = 0
  while (true) {
    const events = yield* log.readThread({ tenant, threadId, afterVersion: version, limit: PAGE })
    for (const { data, type } of events) {
      if (type === "thread.message-sent" && data.turnId === turnId) texts.set(data.messageId, data.text)
      else if (type === "thread.step-opened" && data.turnId === turnId) {
        const { steeredBy, stepId } = data
        found = { stepId, messageId: assistantMessageIdOf(stepId, 0), steeredBy }
      } else if (type === "thread.message-opened" && found !== null && data.stepId === found.stepId) {
        found = { ...found, messageId: data.messageId }
      }
    }
    if (events.length < PAGE) break
    version = events.at(-1)!.version
  }
  if (found === null) return null
  const { messageId, steeredBy, stepId } = found
  return { stepId, messageId, steering: steeredBy.map((id) => texts.get(id) ?? "") }
})
