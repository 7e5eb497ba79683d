import { DEFAULT_TENANT, emptyThreadView, foldThread, type TenantId, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EventLog } from "./EventLog.ts"
import * as c from "./testing/commands.ts"
import { logStack } from "./testing/readModelStack.ts"
import { ThreadLog } from "./testing/ThreadLog.ts"
import { threadAt } from "./threadAt.ts"

const threadId = ThreadId.make("thread")

layer(logStack, { excludeTestServices: true })("a thread at a version", (it) => {
  it.effect("is the fold of its events up to there, at each of them", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      yield* log.run(threadId, c.create())
      for (let i = 0; i < 50; i++) {
        const turn = `turn-${i}`
        yield* log.run(
          threadId,
          c.start(turn),
          c.claim(turn, { generation: i + 1 }),
          c.openStep(turn),
          c.openMessage(turn),
          c.append(c.messageOf(turn), "text"),
          c.closeTurn(turn)
        )
      }
      yield* log.run(threadId, c.remove)
      const { version: head } = log.state(threadId)
      expect(head).toBeGreaterThan(2 * 256)
      const events = yield* (yield* EventLog).readThread({
        tenant: DEFAULT_TENANT,
        threadId,
        afterVersion: 0,
        limit: head
      })
      let view = emptyThreadView(threadId)
      for (const version of [0, 1, 5, 255, 256, 257, 511, 512, 513, head - 1, head]) {
        view = foldThread(view, events.slice(0, version))
        expect(yield* threadAt(DEFAULT_TENANT, threadId, version)).toEqual(view)
      }
      expect(view.status).toBe("deleted")
    })
  )

  it.effect("is an error where the thread has not come that far", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const other = ThreadId.make("short")
      yield* log.run(other, c.create(), c.update({ title: "short" }))
      for (const version of [3, 258, 1_000_000]) {
        const error = yield* Effect.flip(threadAt(DEFAULT_TENANT, other, version))
        expect(error).toMatchObject({ _tag: "VersionAhead", version, head: 2 })
        expect(error.message).toBe(
          `The thread has 2 events, and no state at version ${version} yet: ask for an earlier one.`
        )
      }
    })
  )

  it.effect("is nothing where there is no such thread", () =>
    Effect.gen(function* () {
      const other = "other" as TenantId
      for (const version of [0, 1, 300]) {
        expect(yield* threadAt(DEFAULT_TENANT, ThreadId.make("unknown"), version)).toBe(undefined)
        expect(yield* threadAt(other, threadId, version)).toBe(undefined)
      }
    })
  )
})
