/** A whole server in this process, on the test's own Postgres database, with the scripted runtime. */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { ScriptedRuntime } from "@spillway/provider-runtimes"
import { Effect, Layer } from "effect"
import { layerSpillway } from "../Spillway.ts"
import { testSettings } from "./TestServer.ts"

/** Fresh, so that building it again is another process on the same database. */
export const layerServer = Layer.unwrap(
  Effect.map(TestDatabase, ({ url }) =>
    layerSpillway({ ...testSettings, databaseUrl: url }, [ScriptedRuntime.make()])
  )
).pipe(Layer.fresh)

export const layerTestSpillway = Layer.suspend(() => layerServer).pipe(Layer.provideMerge(TestDatabase.layer))
