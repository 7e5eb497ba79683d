import { reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { endTurn } from "../turn/endTurn.ts"
import { turnInterrupted } from "../turn/turnEvents.ts"
import { requireActiveThread, requireIdleThread, requireThread } from "./requireThread.ts"

const create: Decide<CommandOf<"thread.create">> = (state, { metadata, title }) => {
  if (state.status === "absent") {
    return Result.succeed([
      {
        type: "thread.created",
        data: { ...(title !== undefined && { title }), ...(metadata !== undefined && { metadata }) }
      }
    ])
  }
  return Result.fail(
    state.status === "deleted"
      ? reject(
          "ThreadDeleted",
          `Thread ${state.threadId} was deleted, and ids are not used twice. Choose another id.`
        )
      : reject(
          "ThreadAlreadyExists",
          `Thread ${state.threadId} exists already. Use it, or choose another id.`
        )
  )
}

const update: Decide<CommandOf<"thread.update">> = (state, { metadata, title }) =>
  Result.map(requireActiveThread(state), (): ReadonlyArray<ThreadEvent> => [
    {
      type: "thread.updated",
      data: { ...(title !== undefined && { title }), ...(metadata !== undefined && { metadata }) }
    }
  ])

const archive: Decide<CommandOf<"thread.archive">> = (state) =>
  Result.gen(function* () {
    yield* requireActiveThread(state)
    yield* requireIdleThread(state)
    return [{ type: "thread.archived", data: {} }]
  })

const unarchive: Decide<CommandOf<"thread.unarchive">> = (state) =>
  Result.gen(function* () {
    yield* requireThread(state)
    if (state.status !== "archived") {
      return yield* Result.fail(
        reject("ThreadNotArchived", `Thread ${state.threadId} is not archived, so it can be used as it is.`)
      )
    }
    return [{ type: "thread.unarchived", data: {} }]
  })

/** Ends the active turn and removes those that wait. */
const remove: Decide<CommandOf<"thread.delete">> = (state) =>
  Result.map(requireThread(state), (): ReadonlyArray<ThreadEvent> => [
    ...(state.active === null ? [] : endTurn(state.active, { outcome: "interrupted", reason: "deleted" })),
    ...state.queue.map((turnId) => turnInterrupted(turnId, "deleted")),
    { type: "thread.deleted", data: {} }
  ])

export const decideLifecycle: DecideTable<
  "thread.create" | "thread.update" | "thread.archive" | "thread.unarchive" | "thread.delete"
> = {
  "thread.create": create,
  "thread.update": update,
  "thread.archive": archive,
  "thread.unarchive": unarchive,
  "thread.delete": remove
}
