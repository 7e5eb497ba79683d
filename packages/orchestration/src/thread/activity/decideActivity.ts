import type { Activity, ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import { boundedText } from "../bounded.ts"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { requireActiveThread } from "../lifecycle/requireThread.ts"

const record: Decide<CommandOf<"thread.activity.record">> = (state, { activity }) =>
  Result.map(requireActiveThread(state), (): ReadonlyArray<ThreadEvent> => [
    {
      type: "thread.activity-recorded",
      data: { turnId: state.active?.turnId ?? null, activity: bounded(activity) }
    }
  ])

/** A remark is never too large to be kept. */
const bounded = (activity: Activity): Activity =>
  Object.fromEntries(
    Object.entries(activity).map(([key, value]) => [key, boundedText(value)])
  ) as unknown as Activity

export const decideActivity: DecideTable<"thread.activity.record"> = { "thread.activity.record": record }
