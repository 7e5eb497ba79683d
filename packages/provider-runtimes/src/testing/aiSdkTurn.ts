/** Turns of the ai-sdk runtime against a provider on loopback, and ways to look at what they reported. */
import type { HistoryMessage } from "@spillway/contracts"
import { jsonSchema } from "ai"
import { Effect, Fiber } from "effect"
import { AiSdkRuntime, type AiSdkRuntimeOptions } from "../ai-sdk/AiSdkRuntime.ts"
import type { AnyTool } from "../tools/Tool.ts"
import { fakeProvider, say } from "./FakeProvider.ts"
import { type Recorded, type RecordingOptions, recordingSession } from "./RecordingSession.ts"
import { turnId, turnInput } from "./turnInput.ts"

export type Answer = Parameters<typeof fakeProvider>[0]["answer"]

export interface Setting extends Partial<RecordingOptions> {
  readonly answer: Answer
  readonly onBytes?: () => void
  readonly runtime?: Partial<AiSdkRuntimeOptions>
  readonly choice?: Parameters<typeof turnInput>[0]["choice"]
  readonly history?: ReadonlyArray<HistoryMessage>
  readonly before?: ReadonlyArray<Recorded>
}

export const startTurn = Effect.fnUntraced(function* ({
  answer,
  before,
  onBytes,
  runtime,
  ...options
}: Setting) {
  const provider = yield* fakeProvider({ answer, ...(onBytes === undefined ? {} : { onBytes }) })
  const input = turnInput({
    prompt: "What is 2 + 3?",
    ...(options.choice === undefined ? {} : { choice: options.choice }),
    ...(options.history === undefined ? {} : { history: options.history }),
    ...(before === undefined ? {} : { recorded: before })
  })
  const recording = yield* recordingSession({ turnId, nextStepIndex: input.nextStepIndex, ...options })
  const fiber = yield* Effect.forkChild(
    Effect.scoped(
      AiSdkRuntime.make({ model: () => provider.model, ...runtime }).runTurn(input, recording.session)
    ),
    { startImmediately: true }
  )
  return { ...recording, provider, fiber }
})

export const playTurn = Effect.fnUntraced(function* (setting: Setting) {
  const running = yield* startTurn(setting)
  yield* Fiber.join(running.fiber)
  return running
})

export const tool = (name: string, options: Partial<AnyTool> = {}): AnyTool => ({
  name,
  description: "",
  inputSchema: jsonSchema({ type: "object" }),
  execute: async (input: unknown) => ({ tool: name, input }),
  ...options
})

export const textOf = (recorded: ReadonlyArray<Recorded>) =>
  recorded.map((entry) => (entry.type === "text.delta" && entry.kind === "text" ? entry.delta : "")).join("")

export const all = <T extends Recorded["type"]>(recorded: ReadonlyArray<Recorded>, type: T) =>
  recorded.filter((entry): entry is Extract<Recorded, { type: T }> => entry.type === type)

export const types = (recorded: ReadonlyArray<Recorded>) =>
  recorded.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])

/** Calls `names`, all in one step, and then says that it is done. */
export const callThenEnd =
  (...names: ReadonlyArray<string>): Answer =>
  (response, index) =>
    index === 0
      ? say(response, {
          text: "One moment.",
          calls: names.map((name, i) => ({ id: `call_${i}`, name, input: { i } }))
        })
      : say(response, { text: "All done." })
