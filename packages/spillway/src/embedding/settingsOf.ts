/** A service's options as the settings of a process. What can't be meant is refused with a sentence. */
import { Redacted } from "effect"
import { resolve } from "node:path"
import { DOOR_LIMITS } from "../doors/limits.ts"
import type { Runtimes } from "../Spillway.ts"
import type { DoorSettings, EngineSettings } from "../SpillwaySettings.ts"
import { providerRuntime } from "./runtimes/providerRuntime.ts"
import type { Runtime } from "./runtimes/Runtime.ts"
import { SpillwayError } from "./SpillwayError.ts"
import type { SpillwayOptions } from "./SpillwayOptions.ts"

const invalid = (message: string) => new SpillwayError("options-invalid", message)

export const settingsOf = (options: SpillwayOptions): EngineSettings & DoorSettings => ({
  ...databaseOf(options.database),
  runtimeStallSeconds: seconds("runtimeStallSeconds", options.runtimeStallSeconds, 600),
  commandWaitSeconds: seconds("commandWaitSeconds", options.commandWaitSeconds, 10),
  clientStallSeconds: seconds("clientStallSeconds", options.clientStallSeconds, 30),
  maxSockets: count("maxSockets", options.maxSockets, DOOR_LIMITS.sockets),
  maxStreams: count("maxStreams", options.maxStreams, DOOR_LIMITS.streams),
  framesPerSecond: count("framesPerSecond", options.framesPerSecond, DOOR_LIMITS.framesPerSecond),
  token: secret(options.token),
  runtimeToken: secret(options.runtimeToken),
  runtimeGraceSeconds: seconds("runtimeGraceSeconds", options.runtimeGraceSeconds, 10),
  allowedOrigins: (options.allowedOrigins ?? []).map((origin) => origin.replace(/\/$/, ""))
})

const secret = (given: string | undefined) =>
  given === undefined || given === "" ? null : Redacted.make(given)

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

/** Each under a name of its own, for that is what turns ask for. */
export const runtimesOf = (runtimes: ReadonlyArray<Runtime>): Runtimes => {
  const [first, ...others] = Array.isArray(runtimes) ? runtimes.map(providerRuntime) : []
  if (first === undefined) {
    throw invalid(
      "`runtimes` must hold at least one runtime: scripted(), aiSdk({ model }) or one of your own."
    )
  }
  const names = [first, ...others].map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`Two of \`runtimes\` are named "${twice}": name one otherwise.`)
  return [first, ...others]
}

export const seconds = (name: string, given: number | undefined, otherwise: number): number => {
  if (given === undefined) return otherwise
  if (Number.isFinite(given) && given > 0) return given
  throw invalid(`\`${name}\` must be a number of seconds above 0.`)
}

const count = (name: string, given: number | undefined, otherwise: number): number => {
  if (given === undefined) return otherwise
  if (Number.isSafeInteger(given) && given > 0) return given
  throw invalid(`\`${name}\` must be a whole number above 0.`)
}
