/** Reads that hold what was committed before: who got a receipt sees, in a GET that follows, what the command did. */
import { EventLog, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import { behind, orUnavailable, standingStill } from "./readProblem.ts"

/** How long a request may wait for read models that are behind, after an import or a restart. */
const PATIENCE = "5 seconds"

/** Returns once the read models hold everything that is in the log now. */
export const upToNow = Effect.gen(function* () {
  const log = yield* EventLog
  const readModels = yield* ReadModels
  const head = yield* orUnavailable(log.head)
  yield* readModels.waitFor(head)
}).pipe(
  Effect.timeout(PATIENCE),
  Effect.catchTags({
    TimeoutError: () => Effect.fail(behind),
    ProjectionFailed: () => Effect.fail(standingStill)
  })
)
