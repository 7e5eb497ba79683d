/**
 * Writes threads to a log without an engine: commands are decided, or events taken as they are, chained, appended and
 * published. For tests of what reads the log. One writer per thread.
 */
import {
  DEFAULT_TENANT,
  type LoggedEvent,
  type TenantId,
  type ThreadEvent,
  type ThreadId
} from "@spillway/contracts"
import { Context, Effect, Layer, Result } from "effect"
import { EventLog, type EventRow } from "../EventLog.ts"
import { eventHash, GENESIS_HASH } from "../hash.ts"
import { threadKey } from "../threadKey.ts"
import { loggedEvent } from "../loggedEvent.ts"
import { Publisher } from "../Publisher.ts"
import { decide } from "../thread/decide.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import { evolve } from "../thread/evolve.ts"
import { emptyThreadState, type ThreadState } from "../thread/ThreadState.ts"
import { appendOf } from "./logRows.ts"

const START = Date.parse("2026-11-20T12:00:00.000Z")

export class ThreadLog extends Context.Service<
  ThreadLog,
  {
    readonly state: (threadId: ThreadId, tenant?: TenantId) => ThreadState
    /** One commit. Answers its last position; that of the log when there are no events. */
    readonly append: (
      events: ReadonlyArray<{
        readonly threadId: ThreadId
        readonly tenant?: TenantId
        readonly event: ThreadEvent
      }>
    ) => Effect.Effect<number>
    /** Decides one after the other and commits what was accepted at once; what is refused is left out. */
    readonly run: (threadId: ThreadId, ...commands: ReadonlyArray<ThreadCommand>) => Effect.Effect<number>
  }
>()("@spillway/orchestration/testing/ThreadLog") {
  static readonly layer = Layer.effect(
    ThreadLog,
    Effect.gen(function* () {
      const log = yield* EventLog
      const publisher = yield* Publisher
      const threads = new Map<string, { state: ThreadState; hash: string }>()
      let position = yield* log.head
      let events = 0

      const threadOf = (tenant: TenantId, threadId: ThreadId) => {
        const key = threadKey({ tenant, threadId })
        const thread = threads.get(key) ?? { state: emptyThreadState(tenant, threadId), hash: GENESIS_HASH }
        threads.set(key, thread)
        return thread
      }

      const append: ThreadLog["Service"]["append"] = Effect.fnUntraced(function* (added) {
        if (added.length === 0) return position
        const rows = added.map(({ event, tenant = DEFAULT_TENANT, threadId }): EventRow => {
          const thread = threadOf(tenant, threadId)
          thread.state = evolve(thread.state, event)
          const row = {
            tenant,
            threadId,
            version: thread.state.version,
            type: event.type,
            schemaVersion: 1,
            commandId: null,
            causationId: null,
            correlationId: null,
            actor: "tester",
            // Each event a second after the one before it: over an hour in a longer test.
            at: new Date(START + 1_000 * events++).toISOString(),
            encoding: 0,
            data: JSON.stringify(event.data)
          }
          thread.hash = eventHash(thread.hash, row)
          return { ...row, hash: thread.hash }
        })
        const outcome = yield* log.append(appendOf({ events: rows }))
        if (outcome._tag === "Refused")
          return yield* Effect.die(new Error(`Refused: ${JSON.stringify(outcome)}`))
        const logged = rows.map((row, i): LoggedEvent => loggedEvent(outcome.position + i, row))
        position = outcome.position + rows.length - 1
        yield* publisher.publish(logged)
        return position
      }, Effect.orDie)

      return ThreadLog.of({
        state: (threadId, tenant = DEFAULT_TENANT) => threadOf(tenant, threadId).state,
        append,
        run: (threadId, ...commands) =>
          Effect.suspend(() => {
            let { state } = threadOf(DEFAULT_TENANT, threadId)
            const decided: Array<{ threadId: ThreadId; event: ThreadEvent }> = []
            for (const command of commands) {
              const decision = decide(state, command)
              if (Result.isFailure(decision)) continue
              for (const event of decision.success) {
                state = evolve(state, event)
                decided.push({ threadId, event })
              }
            }
            return append(decided)
          })
      })
    })
  )
}
