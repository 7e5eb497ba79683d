/** An engine on a Postgres database of its own, as each test or file wants one; and more engines on the same database. */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { type ClientCommand, CommandId, DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import { Effect, Layer } from "effect"
import type { CommandOrigin } from "../RuntimeBatch.ts"
import * as Postgres from "../postgres/Postgres.ts"
import { Publisher } from "../Publisher.ts"
import { ThreadEngine } from "../ThreadEngine.ts"

/** One process's worth of engine on the test's database. Fresh, so that building it twice gives two engines. */
export const layerEngine = Layer.unwrap(
  Effect.map(TestDatabase, ({ url }) =>
    Layer.provideMerge(
      Layer.provideMerge(ThreadEngine.layer, Publisher.layer),
      Postgres.layer({ url, lease: { duration: 1_500, heartbeat: 500, look: 100 } })
    )
  )
).pipe(Layer.fresh)

/** The engine, its log and its database. */
export const layerTestEngine = layerEngine.pipe(Layer.provideMerge(TestDatabase.layer))

export const origin: CommandOrigin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

let counter = 0

/** An id that no other call has given. */
export const uniqueId = (what: string): string => `${what}-${++counter}`

/** A command with an id and a thread of its own, unless said otherwise. */
export const sendable = <C extends ClientCommand>(
  command: C,
  but: { commandId?: string; threadId?: string } = {}
): C => ({
  ...command,
  commandId: CommandId.make(but.commandId ?? uniqueId("command")),
  threadId: but.threadId === undefined ? command.threadId : ThreadId.make(but.threadId)
})
