/** A service's options as the settings of a process. What can't be meant is refused with a sentence. */
import { Redacted } from "effect"
import { resolve } from "node:path"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import type { Runtimes } from "../Spillway.ts"
import type { DoorSettings, EngineSettings } from "../SpillwaySettings.ts"
import type { Runtime } from "./runtimes/Runtime.ts"
import { SpillwayError } from "./SpillwayError.ts"
import type { SpillwayOptions } from "./SpillwayOptions.ts"

const invalid = (message: string) => new SpillwayError("options-invalid", message)

export const settingsOf = (options: SpillwayOptions): EngineSettings & DoorSettings => ({
  ...databaseOf(options.database),
  runtimeStallSeconds: seconds("runtimeStallSeconds", options.runtimeStallSeconds, 600),
  clientStallSeconds: seconds("clientStallSeconds", options.clientStallSeconds, 30),
  token: options.token === undefined || options.token === "" ? null : Redacted.make(options.token),
  allowedOrigins: (options.allowedOrigins ?? []).map((origin) => origin.replace(/\/$/, ""))
})

const databaseOf = (database: SpillwayOptions["database"]) => {
  if (typeof database === "string" && /^postgres(ql)?:\/\//.test(database)) {
    return { databaseUrl: Redacted.make(database), dataDirectory: "" }
  }
  if (typeof database === "object" && typeof database?.directory === "string" && database.directory !== "") {
    return { databaseUrl: null, dataDirectory: resolve(database.directory) }
  }
  throw invalid(
    "`database` must be a postgres:// address, or { directory } to use the embedded Postgres there."
  )
}

/** A runtime is a provider runtime to whom it is handed; who made it knew no Effect. */
export const runtimesOf = (runtimes: ReadonlyArray<Runtime>): Runtimes => {
  if (!Array.isArray(runtimes) || runtimes.length === 0) {
    throw invalid(
      "`runtimes` must hold at least one runtime: scripted(), aiSdk({ model }) or one of your own."
    )
  }
  const names = new Set<string>()
  for (const runtime of runtimes as ReadonlyArray<ProviderRuntime>) {
    if (typeof runtime?.runTurn !== "function" || typeof runtime.name !== "string" || runtime.name === "") {
      throw invalid(
        "`runtimes` holds something that is no runtime: make one with scripted(), aiSdk({ model }) or defineRuntime({ name, run })."
      )
    }
    if (names.has(runtime.name))
      throw invalid(`Two of \`runtimes\` are named "${runtime.name}": name one otherwise.`)
    names.add(runtime.name)
  }
  return runtimes as unknown as Runtimes
}

export const seconds = (name: string, given: number | undefined, otherwise: number): number => {
  if (given === undefined) return otherwise
  if (Number.isFinite(given) && given > 0) return given
  throw invalid(`\`${name}\` must be a number of seconds above 0.`)
}
