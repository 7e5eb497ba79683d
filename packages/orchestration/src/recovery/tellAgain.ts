import type { RequestId } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { RuntimeSessions } from "../RuntimeSessions.ts"
import { isEmpty } from "../thread/record.ts"
import type { ThreadState } from "../thread/ThreadState.ts"

const PAGE = 1_000

/** Answers that no session has taken, as the log has them. */
const untakenAnswers = Effect.fnUntraced(function* ({ active, tenant, threadId }: ThreadState) {
  const untaken: Readonly<Record<RequestId, true>> = active?.untakenRequests ?? {}
  if (isEmpty(untaken)) return []
  const log = yield* EventLog
  const answers = []
  let afterVersion = 0
  while (true) {
    const events = yield* log.readThread({ tenant, threadId, afterVersion, limit: PAGE })
    for (const event of events) {
      if (event.type === "thread.request-resolved" && Object.hasOwn(untaken, event.data.requestId)) {
        answers.push({ requestId: event.data.requestId, response: event.data.response })
      }
    }
    if (events.length < PAGE) return answers
    afterVersion += PAGE
  }
})

/**
 * Tells the session that runs here what its thread holds for it: an interrupt, answers, steering messages. Reactors that were cut off may
 * not have told it; what it has heard already has no second effect.
 */
export const tellAgain = Effect.fnUntraced(function* (state: ThreadState) {
  const { active, tenant, threadId } = state
  if (active === null) return
  const sessions = yield* RuntimeSessions
  const { turnId } = active
  for (const answer of yield* untakenAnswers(state)) {
    yield* sessions.respond({ tenant, threadId, ...answer })
  }
  if (active.steering.length > 0) yield* sessions.steer({ tenant, threadId, turnId })
  if (active.interruptRequested) yield* sessions.interrupt({ tenant, threadId, turnId })
})
