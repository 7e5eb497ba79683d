/**
 * A provider runtime that plays transcripts and calls no model: the default where none is configured, and what demonstrations,
 * tests and load runs use. It goes on from the log after a restart, takes steering messages between steps, and stops at once
 * when it is interrupted.
 */
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { chooseScript } from "./chooseScript.ts"
import { perform } from "./perform.ts"
import type { Script } from "./Script.ts"
import { scripts as shipped } from "./scripts/index.ts"

/** `scripts`: what can be asked for by name; the first one is played where nothing is asked for. */
const make = (options?: { readonly scripts?: ReadonlyArray<Script> }): ProviderRuntime => {
  const scripts = options?.scripts ?? shipped
  return {
    name: "scripted",
    resumable: true,
    canSteer: true,
    announcesSteps: true,
    runTurn: (input, session) =>
      Effect.flatMap(Effect.fromResult(chooseScript(scripts, input)), (chosen) =>
        perform(chosen, input, session)
      )
  }
}

export const ScriptedRuntime = { make } as const
