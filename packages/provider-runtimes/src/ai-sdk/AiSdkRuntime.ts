/**
 * A provider runtime that runs any model of the AI SDK. It goes on from the log after a restart, takes steering messages between
 * steps, and closes the provider's socket when it is interrupted.
 */
import type { RuntimeChoice } from "@spillway/contracts"
import { type ProviderRuntime, RuntimeFailed, type TurnInput } from "@spillway/runtime-ingestion"
import { Effect, Schema } from "effect"
import type { AnyTool } from "../tools/Tool.ts"
import { AiSdkOptions } from "./AiSdkOptions.ts"
import { failureOf } from "./failure.ts"
import { runTurn } from "./runTurn.ts"
import type { AiSdkModel } from "./sdkTypes.ts"

export interface AiSdkRuntimeOptions {
  /** The model that a choice means. Whatever it throws fails the turn; a `RuntimeFailed` says how. */
  readonly model: (choice: RuntimeChoice) => AiSdkModel | Promise<AiSdkModel>
  readonly tools?: ReadonlyArray<AnyTool>
  /** Stand before everything else that the model is told. */
  readonly instructions?: string
  /** Model calls of one turn; at the last one it ends with the reason `max-steps`. 32 unless said. */
  readonly maxSteps?: number
  /** Tool calls of one step that run at once. 4 unless said. */
  readonly maxConcurrent?: number
  /** How often the SDK repeats a request that failed before its answer began. 0 unless said: a turn is retried by whoever wants it. */
  readonly maxRetries?: number
}

const make = (options: AiSdkRuntimeOptions): ProviderRuntime => ({
  name: "ai-sdk",
  resumable: true,
  canSteer: true,
  announcesSteps: true,
  runTurn: Effect.fnUntraced(function* (input, session) {
    const { maxSteps = Infinity, ...callOptions } = yield* optionsOf(input)
    const model = yield* Effect.tryPromise({
      try: async () => options.model(input.choice),
      catch: (error) => (error instanceof RuntimeFailed ? error : new RuntimeFailed(failureOf(error)))
    })
    yield* runTurn(
      {
        model,
        tools: options.tools ?? [],
        instructions: options.instructions,
        maxSteps: Math.min(maxSteps, options.maxSteps ?? 32),
        maxConcurrent: options.maxConcurrent ?? 4,
        options: { maxRetries: options.maxRetries ?? 0, ...callOptions }
      },
      input,
      session
    )
  })
})

const decode = Schema.decodeUnknownEffect(AiSdkOptions)

const optionsOf = (input: TurnInput): Effect.Effect<AiSdkOptions, RuntimeFailed> =>
  Effect.mapError(
    decode(input.choice.options ?? {}),
    (error) =>
      new RuntimeFailed({
        code: "InvalidRuntimeOptions",
        message: `The ai-sdk runtime does not take these options: ${error.message}`
      })
  )

export const AiSdkRuntime = { make } as const
