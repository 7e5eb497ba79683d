import type { ThreadId } from "@spillway/contracts"
import { type CommandOrigin, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import { hitCursor, threadCursor } from "../../doors/http/cursor.ts"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import { newCommandId, threadIdFor } from "../ids.ts"
import type { SearchPage, Threads, ThreadsPage } from "../Threads.ts"
import { makeThread } from "./makeThread.ts"
import { caughtUp } from "./readThread.ts"
import { tenantOf } from "../tenantOf.ts"
import { command, sendCommand } from "./sendCommand.ts"

/** Of one page. */
const THREADS = 50
const HITS = 20

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
  threads: ({ before, limit = THREADS, ...filter } = {}) =>
    process.run(
      Effect.gen(function* () {
        const readModels = yield* ReadModels
        const place = before === undefined ? {} : { before: yield* threadCursor.placeOf(before) }
        yield* caughtUp
        const threads = yield* readModels.threads(origin.tenant, { limit: limit + 1, ...filter, ...place })
        const last = threads.length > limit ? threads[limit - 1] : undefined
        return {
          threads: threads.slice(0, limit),
          next: last === undefined ? null : threadCursor.textOf(last)
        } satisfies ThreadsPage
      })
    ),
  search: ({ before, limit = HITS, query, threadId }) =>
    process.run(
      Effect.gen(function* () {
        const readModels = yield* ReadModels
        const place = before === undefined ? {} : { before: yield* hitCursor.placeOf(before) }
        const where = threadId === undefined ? {} : { threadId: threadId as ThreadId }
        yield* caughtUp
        const found = yield* readModels.search(origin.tenant, { query, limit, ...where, ...place })
        return {
          hits: found.hits,
          next: found.before === null ? null : hitCursor.textOf(found.before)
        } satisfies SearchPage
      })
    ),
  send: (body) => sendCommand(process, origin, body)
})
