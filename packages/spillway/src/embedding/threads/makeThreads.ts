import type { ThreadId } from "@spillway/contracts"
import { type CommandOrigin, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import { newCommandId, threadIdFor } from "../ids.ts"
import { SpillwayError } from "../SpillwayError.ts"
import type { Threads, ThreadsPage } from "../Threads.ts"
import { makeThread } from "./makeThread.ts"
import { caughtUp } from "./readThread.ts"
import { tenantOf } from "../tenantOf.ts"
import { command, sendCommand } from "./sendCommand.ts"

const DEFAULT_LIMIT = 50

export const makeThreads = (process: EmbeddedProcess, origin: CommandOrigin): Threads => ({
  as: ({ actor, correlationId, tenant }) =>
    makeThreads(process, {
      tenant: tenant === undefined ? origin.tenant : tenantOf(tenant),
      actor: actor ?? origin.actor,
      correlationId: correlationId ?? origin.correlationId
    }),
  thread: (threadId) => makeThread(process, origin, threadId as ThreadId),
  createThread: async ({
    commandId = newCommandId(),
    metadata,
    threadId = threadIdFor(commandId),
    title
  } = {}) => {
    await command(process, origin, {
      type: "thread.create",
      commandId,
      threadId,
      ...(title !== undefined && { title }),
      ...(metadata !== undefined && { metadata })
    })
    return makeThread(process, origin, threadId as ThreadId)
  },
  threads: ({ before, limit = DEFAULT_LIMIT } = {}) =>
    process.run(
      Effect.gen(function* () {
        const readModels = yield* ReadModels
        yield* Effect.ignore(caughtUp)
        const threads = yield* readModels.threads(origin.tenant, {
          limit: limit + 1,
          ...(before !== undefined && { before: cursorOf(before) })
        })
        const last = threads.length > limit ? threads[limit - 1] : undefined
        const page: ThreadsPage = {
          threads: threads.slice(0, limit),
          next: last === undefined ? null : JSON.stringify([last.updatedAt, last.threadId])
        }
        return page
      })
    ),
  send: (body) => sendCommand(process, origin, body)
})

const cursorOf = (text: string) => {
  try {
    const [updatedAt, threadId] = JSON.parse(text) as [string, string]
    return { updatedAt, threadId }
  } catch {
    throw new SpillwayError("cursor-invalid", "`before` is no cursor: give the `next` of an earlier page.")
  }
}
