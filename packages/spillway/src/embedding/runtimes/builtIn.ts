/** The runtimes that come with Spillway. */
import type { RuntimeChoice } from "@spillway/contracts"
import {
  type AiSdkModel,
  AiSdkRuntime,
  type AiSdkRuntimeOptions,
  type Script,
  ScriptedRuntime
} from "@spillway/provider-runtimes"
import type { Runtime } from "./Runtime.ts"

/**
 * `scripted` plays transcripts and calls no model: for tests, demonstrations and the first hour. A turn chooses a script by its option
 * `script`, or by `[[name]]` in its text.
 */
export const scripted = (options?: { readonly scripts?: ReadonlyArray<Script> }): Runtime =>
  ScriptedRuntime.make(options)

export interface AiSdkOptions extends Omit<AiSdkRuntimeOptions, "model"> {
  /** A model of the AI SDK, or what gives the one that a turn's choice means. */
  readonly model: AiSdkModel | ((choice: RuntimeChoice) => AiSdkModel | Promise<AiSdkModel>)
}

/** `ai-sdk` runs a model of the AI SDK, with tools of your own, in a loop that commits each step before its request leaves. */
export const aiSdk = ({ model, ...options }: AiSdkOptions): Runtime =>
  AiSdkRuntime.make({ ...options, model: typeof model === "function" ? model : () => model })
