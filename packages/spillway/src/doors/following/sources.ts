/** What every door lets its clients follow, and where in it a client's cursor stands. */
import type { LoggedEvent, TenantId, ThreadId } from "@spillway/contracts"
import { EventLog, ThreadEngine, threadKey, type Unavailable } from "@spillway/orchestration"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { logOrder, threadOrder } from "./EventQueue.ts"
import type { Source } from "./Follower.ts"
import { ThreadHub } from "./ThreadHub.ts"

/** How far a client says that it has come. `tail`: it wants only what comes. */
export type Cursor =
  | "tail"
  | {
      readonly after: number
      /** The log that the cursor is of, where the client says so. */
      readonly logId?: string | undefined
    }

export type Located =
  /** `isOver`: nothing can come after the cursor any more. */
  | { readonly type: "at"; readonly after: number; readonly isOver: boolean }
  /** There is no such thread. */
  | { readonly type: "absent"; readonly message: string }
  /** The cursor is of another log, or ahead of this one. The message says which, and not what to do. */
  | { readonly type: "invalid"; readonly message: string }

/** Something to follow, with the cursors into it. */
export interface Followed extends Source {
  readonly locate: (cursor: Cursor) => Effect.Effect<Located, Unavailable>
}

/** A deleted thread stays as it is: no command changes it. */
const isLastOfThread = (event: LoggedEvent) => event.type === "thread.deleted"

/** A thread, with live frames or without. */
export const followThread = Effect.fnUntraced(function* (
  tenant: TenantId,
  threadId: ThreadId,
  wantsLive: boolean
) {
  const hub = yield* ThreadHub
  const log = yield* EventLog
  const lane = yield* LiveLane
  const engine = yield* ThreadEngine
  const key = threadKey({ tenant, threadId })
  const readAfter = (afterVersion: number, limit: number) =>
    hub.pages.read(
      `${key} ${afterVersion} ${limit}`,
      log.readThread({ tenant, threadId, afterVersion, limit })
    )

  const locate = Effect.fnUntraced(function* (cursor: Cursor) {
    const { status, version } = yield* engine.state(tenant, threadId)
    if (status === "absent") return absent(threadId)
    if (cursor === "tail") return at(version, status === "deleted")
    const { after, logId } = cursor
    if (logId !== undefined && logId !== log.logId) return otherLog
    // The state may be a little older than the log where another process writes too: the log itself says what there is.
    if (after > version && (yield* readAfter(after - 1, 1)).length === 0) {
      return invalid(
        `The thread has ${version} events and the cursor says ${after}: what you hold is of another log.`
      )
    }
    return at(after, status === "deleted" && after >= version)
  })

  const followed: Followed = {
    order: threadOrder,
    readAfter,
    liveTail: wantsLive ? () => lane.tail(tenant, threadId) : null,
    attach: ({ onEvent, onLiveFrame }) =>
      Effect.andThen(
        hub.onThread(tenant, threadId, onEvent),
        wantsLive ? Effect.asVoid(lane.watch(tenant, threadId, { onFrame: onLiveFrame })) : Effect.void
      ),
    isLast: isLastOfThread,
    locate
  }
  return followed
})

/** The whole log, of all tenants. */
export const followLog = Effect.gen(function* () {
  const hub = yield* ThreadHub
  const log = yield* EventLog

  const locate = Effect.fnUntraced(function* (cursor: Cursor) {
    const head = yield* log.head
    if (cursor === "tail") return at(head, false)
    const { after, logId } = cursor
    if (logId !== undefined && logId !== log.logId) return otherLog
    if (after > head) {
      return invalid(
        `The log ends at position ${head} and the cursor says ${after}: what you hold is of another log.`
      )
    }
    return at(after, false)
  })

  const followed: Followed = {
    order: logOrder,
    readAfter: (afterPosition, limit) =>
      hub.pages.read(`${afterPosition} ${limit}`, log.readLog({ afterPosition, limit })),
    liveTail: null,
    attach: ({ onEvent }) => hub.onLog(onEvent),
    isLast: () => false,
    locate
  }
  return followed
})

const at = (after: number, isOver: boolean): Located => ({ type: "at", after, isOver })

const invalid = (message: string): Located => ({ type: "invalid", message })

const otherLog = invalid("The cursor is of another log than this server's: what you hold of it is not here.")

const absent = (threadId: ThreadId): Located => ({
  type: "absent",
  message: `There is no thread ${threadId}: create it with thread.create.`
})
