/** What became of a session that no runtime here has: asked when a host comes back with it. */
import { sessionIdOf } from "@spillway/contracts"
import type { RuntimeServerFrameOf } from "@spillway/contracts/runtime-protocol"
import { EventLog, ReadModels, ThreadEngine } from "@spillway/orchestration"
import type { RemoteHosts, RuntimeHost, SessionAddress } from "@spillway/provider-runtimes"
import { Effect } from "effect"

/** `null`: it is open in the log, and somebody here is about to look for its host, or to close it. */
export const sessionFate = Effect.fnUntraced(function* ({
  generation,
  sessionId
}: SessionAddress): Effect.fn.Return<
  RuntimeServerFrameOf<"ended"> | RuntimeServerFrameOf<"fenced"> | null,
  unknown,
  EventLog | ReadModels | ThreadEngine
> {
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const engine = yield* ThreadEngine
  yield* readModels.waitFor(yield* log.head)
  const thread = (yield* readModels.busyThreads).find(
    ({ tenant, threadId }) => sessionIdOf(tenant, threadId) === sessionId
  )
  if (thread !== undefined) {
    const { active } = yield* engine.state(thread.tenant, thread.threadId)
    if (active?.session?.generation === generation) return null
  }
  const cursor = yield* log.cursor(sessionId)
  return cursor?.generation === generation
    ? { type: "ended", sessionId, generation, through: cursor.through }
    : { type: "fenced", sessionId, generation, message: notOpen }
})

/** Tells a host of a session that nobody here has, or waits with it for somebody who will. */
export const findOut = Effect.fnUntraced(function* (
  hosts: RemoteHosts["Service"],
  host: RuntimeHost,
  session: SessionAddress
) {
  while (hosts.session(session) === undefined) {
    const fate = yield* Effect.orElseSucceed(sessionFate(session), () => null)
    if (hosts.session(session) !== undefined) return
    if (fate !== null) {
      hosts.forget(host, session)
      return host.send(fate)
    }
    yield* Effect.sleep(LOOK_AGAIN)
  }
})

const LOOK_AGAIN = "1 second"

export const notOpen =
  "This generation of the session is not open: stop running it. A turn that goes on is given to a host by another `start`."
