/**
 * A runtime as some agents are: it announces no steps, takes no steering, and can't go on from the log. It types `deltas` pieces of
 * `deltaSize` code units, one each `intervalMs`, says something to itself before, and asks for approval in the middle where `asks` is true.
 */
import { pieces, RequestId } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import { type ProviderRuntime, RuntimeFailed } from "@spillway/runtime-ingestion"
import { Effect, Result, Schema } from "effect"

const Options = Schema.Struct({
  deltas: Schema.Int,
  deltaSize: Schema.Int,
  intervalMs: Schema.Int,
  asks: Schema.optionalKey(Schema.Boolean)
})

export const typist: ProviderRuntime = {
  name: "typist",
  resumable: false,
  canSteer: false,
  announcesSteps: false,
  runTurn: Effect.fnUntraced(function* (input, session) {
    const decoded = Schema.decodeUnknownResult(Options)(input.choice.options)
    if (Result.isFailure(decoded)) {
      return yield* new RuntimeFailed({ code: "InvalidRuntimeOptions", message: decoded.failure.message })
    }
    const { asks = false, deltas, deltaSize, intervalMs } = decoded.success
    const type = Effect.gen(function* () {
      yield* session.emit({ type: "text.delta", itemId: "0", kind: "reasoning", delta: "I type this. " })
      yield* session.emit({ type: "text.completed", itemId: "0", kind: "reasoning" })
      const typed = Array.from(pieces(streamedText({ deltas, deltaSize }), deltaSize))
      for (const [i, delta] of typed.entries()) {
        yield* session.emit({ type: "text.delta", itemId: "1", kind: "text", delta })
        yield* Effect.sleep(intervalMs)
        if (asks && i === typed.length >> 1) {
          const requestId = RequestId.make(`${input.turnId}/go-on`)
          yield* session.request({ requestId, kind: "approval", title: "Type on?" })
        }
      }
      yield* session.emit({ type: "text.completed", itemId: "1", kind: "text" })
      yield* session.emit({ type: "turn.completed" })
    })
    yield* Effect.raceFirst(type, Effect.andThen(session.interrupted, session.emit({ type: "turn.aborted" })))
  })
}
