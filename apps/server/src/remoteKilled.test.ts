/** A server that is killed while a runtime in another process is in mid-text, and one after it on the same database. */
import { expect, it, vi } from "@effect/vitest"
import {
  type ClientCommand,
  CommandId,
  MessageId,
  ThreadId,
  type ThreadView,
  TurnId
} from "@spillway/contracts"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted, Scope } from "effect"
import { cuttingProxy, recuttingHost, RUNTIME_TOKEN, saidIn } from "spillway/testing"
import { type SpillwayProcess, startServer } from "./testing/SpillwayProcess.ts"

/** Processes that start others: slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

const environment = Effect.map(TestDatabase, ({ url }) => ({
  DATABASE_URL: Redacted.value(url),
  SPILLWAY_PORT: "0",
  SPILLWAY_RUNTIME_TOKEN: RUNTIME_TOKEN
}))

const threadId = ThreadId.make("t")
const turnId = TurnId.make("turn")
const text = Array.from({ length: 400 }, (_, i) => `${i} is a number. `).join("")

const commands: ReadonlyArray<ClientCommand> = [
  { type: "thread.create", commandId: CommandId.make("create"), threadId },
  {
    type: "thread.turn.start",
    commandId: CommandId.make("start"),
    threadId,
    turnId,
    messageId: MessageId.make("ask"),
    text: "count",
    choice: { runtime: "own" },
    assistantDeliveryMode: "streaming"
  }
]

const fetched = (url: string, init?: RequestInit) =>
  Effect.promise(async () => (await fetch(url, init)).json())

it.live(
  "A7 T21 a runtime in another process goes on after its server was killed, and no character is lost or doubled",
  () =>
    Effect.gen(function* () {
      const proxy = yield* cuttingProxy
      let server: SpillwayProcess
      let url = ""
      const start = Effect.gen(function* () {
        const started = yield* startServer(yield* environment)
        server = started
        url = started.url.replace("ws:", "http:")
        proxy.leadTo(Number(started.port))
      })
      yield* start
      for (const command of commands) {
        const headers = { "content-type": "application/json" }
        yield* fetched(`${url}/v1/commands`, { method: "POST", headers, body: JSON.stringify(command) })
      }
      const scope = yield* Effect.scope
      const database = yield* TestDatabase
      let frames = 0
      const beforeFrame = Effect.gen(function* () {
        if (++frames !== 8) return
        server.child.kill("SIGKILL")
        yield* server.ended
        yield* start
      }).pipe(Effect.provideService(TestDatabase, database), Scope.provide(scope))
      const wentOnAt = yield* recuttingHost({
        address: proxy.address,
        text,
        cuts: [3, 11, 6],
        perFrame: 40,
        inStep: true,
        beforeFrame
      })
      expect(frames).toBeGreaterThan(8)
      // What was durable of the frames before is not sent again.
      expect(wentOnAt.some((received) => received >= 6 * 40)).toBe(true)
      const { view } = (yield* fetched(`${url}/v1/threads/${threadId}/view`)) as { view: ThreadView }
      expect(view.turns).toMatchObject([{ turnId, status: "completed", error: null }])
      expect(saidIn(view.turns[0]!)).toEqual([text])
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
)
