/**
 * Runs the tool calls of one step. The order makes a parked turn safe to go on with after a restart: first the calls that ask
 * nobody, to their end; then every request, together; only when all are answered, the calls that were approved. So while a
 * request is pending every call of its step is either closed in the log or has not begun, and none ever runs twice.
 */
import type { Failure, RequestId, RequestKind, RequestResponse, ToolCallId } from "@spillway/contracts"
import type { Question } from "@spillway/contracts"
import type { RuntimeSession, SessionClosed } from "@spillway/runtime-ingestion"
import { withinToolCall } from "@spillway/orchestration"
import { Effect, type Schema } from "effect"

export type ToolOutcome =
  | { readonly status: "completed"; readonly result: Schema.Json }
  | { readonly status: "error" | "denied"; readonly error: Failure }

export interface ToolCallRequest {
  readonly requestId: RequestId
  readonly kind: RequestKind
  readonly title: string
  readonly questions?: ReadonlyArray<Question>
}

export interface ToolCallToRun {
  readonly toolCallId: ToolCallId
  /** What a person is asked before the call runs. */
  readonly asks?: ToolCallRequest
  /** Does the call; `response` is `null` where nobody was asked. Not called when an approval was denied. */
  readonly run: (response: RequestResponse | null) => Effect.Effect<ToolOutcome, SessionClosed>
}

export interface ClosedToolCall {
  readonly toolCallId: ToolCallId
  readonly outcome: ToolOutcome
}

/** Reports each outcome as it is there, at most `maxConcurrent` calls running at once, and answers all of them in call order. */
export const runToolCalls = Effect.fnUntraced(function* (
  session: RuntimeSession,
  calls: ReadonlyArray<ToolCallToRun>,
  maxConcurrent: number
): Effect.fn.Return<ReadonlyArray<ClosedToolCall>, SessionClosed> {
  const outcomes = new Map<ToolCallId, ToolOutcome>()

  const close = (call: ToolCallToRun, outcome: ToolOutcome) => {
    outcomes.set(call.toolCallId, outcome)
    return session.emit({ type: "tool-call.completed", toolCallId: call.toolCallId, ...outcome })
  }
  const run = (call: ToolCallToRun, response: RequestResponse | null) =>
    Effect.flatMap(withinToolCall(call.toolCallId)(call.run(response)), (outcome) => close(call, outcome))

  yield* Effect.forEach(
    calls.filter((call) => call.asks === undefined),
    (call) => run(call, null),
    { concurrency: maxConcurrent, discard: true }
  )

  const answered = yield* Effect.forEach(
    calls.flatMap((call) => (call.asks === undefined ? [] : [{ call, asks: call.asks }])),
    Effect.fnUntraced(function* ({ asks, call }) {
      const response = yield* session.request({ ...asks, toolCallId: call.toolCallId })
      if (!isDenial(response)) return [{ call, response }]
      yield* close(call, denied(response.reason))
      return []
    }),
    { concurrency: "unbounded" }
  )
  yield* Effect.forEach(answered.flat(), ({ call, response }) => run(call, response), {
    concurrency: maxConcurrent,
    discard: true
  })

  return calls.flatMap(({ toolCallId }) => {
    const outcome = outcomes.get(toolCallId)
    return outcome === undefined ? [] : [{ toolCallId, outcome }]
  })
})

const isDenial = (response: RequestResponse): response is Extract<RequestResponse, { type: "approval" }> =>
  response.type === "approval" && response.decision === "deny"

const denied = (reason: string | undefined): ToolOutcome => ({
  status: "denied",
  error: {
    code: "ToolCallDenied",
    message: reason === undefined ? "The person who was asked denied this call." : `Denied: ${reason}`
  }
})
