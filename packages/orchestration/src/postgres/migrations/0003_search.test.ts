import { PgClient } from "@effect/sql-pg"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as PostgresReadModels from "../../projections/PostgresReadModels.ts"
import { Publisher } from "../../Publisher.ts"
import { ReadModels } from "../../ReadModels.ts"
import { process } from "../../testing/readModelStack.ts"
import { migrate } from "../migrate.ts"
import { migrations } from "./index.ts"

const tenant = DEFAULT_TENANT
const AT = "2026-11-20T12:00:00.000Z"

/** The tables as the version before wrote them. */
const writeOldRows = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  yield* TestDatabase.damaged("rows of an older version that no event made")
  yield* sql`set search_path to spillway`
  for (const [thread_id, title] of [
    ["titled", "A gnu"],
    ["untitled", null]
  ]) {
    yield* sql`insert into thread ${sql.insert({
      tenant,
      thread_id,
      title,
      version: 9,
      status: "active",
      turn_count: 1,
      message_count: 2,
      pending_requests: 0,
      created_at: AT,
      updated_at: AT,
      queue: "[]",
      metadata: "{}"
    })}`
  }
  const turn = { tenant, thread_id: "titled", turn_index: 0 }
  yield* sql`insert into turn ${sql.insert({
    ...turn,
    interrupt_requested: false,
    turn_id: "turn",
    message_id: "ask",
    status: "completed",
    assistant_delivery_mode: "buffered",
    choice: "{}",
    requested_at: AT,
    preview: ""
  })}`
  const messages = [
    ["ask", "user", [["text", "Where is the gnu 𝄞?"]]],
    [
      "answer",
      "assistant",
      [
        ["reasoning", "𝄞𝄞 thinking"],
        ["text", "👋 It is\n"],
        ["text", ""],
        ["text", "over there 🎉."]
      ]
    ],
    ["silent", "assistant", []]
  ] as const
  for (const [message_index, [message_id, role, parts]] of messages.entries()) {
    const message = { ...turn, message_index }
    yield* sql`insert into message ${sql.insert({
      ...message,
      message_id,
      role,
      opened_at_version: 1,
      status: "completed",
      actor: "someone",
      opened_at: AT,
      closed_at: AT
    })}`
    for (const [part_index, [type, text]] of parts.entries()) {
      yield* sql`insert into message_part ${sql.insert({ ...message, part_index, part_id: `${part_index}`, type, text })}`
    }
  }
  return messages
}).pipe(Effect.scoped)

it.live("what was said before is read as it was, and found", () =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase
    yield* migrate({ url }, migrations.slice(0, 2))
    const messages = yield* Effect.provide(writeOldRows, PgClient.layer({ url, maxConnections: 1 }))

    yield* Effect.gen(function* () {
      const models = yield* ReadModels
      const { view } = (yield* models.thread(tenant, ThreadId.make("titled")))!
      expect(view.turns[0]!.messages).toMatchObject(
        messages.map(([messageId, role, parts]) => ({
          messageId,
          role,
          parts: parts.map(([type, text], i) => ({ partId: `${i}`, type, text }))
        }))
      )
      const { hits } = yield* models.search(tenant, { query: "gnu" })
      expect(hits).toMatchObject([{ type: "title", threadId: "titled" }, { messageId: "ask" }])
      expect((yield* models.search(tenant, { query: '"is over there"' })).hits).toMatchObject([
        { messageId: "answer" }
      ])
      expect((yield* models.search(tenant, { query: "thinking" })).hits).toEqual([])
    }).pipe(
      Effect.provide(PostgresReadModels.layer.pipe(Layer.provide(Publisher.layer), Layer.provide(process)))
    )
  }).pipe(Effect.provide(TestDatabase.layer))
)
