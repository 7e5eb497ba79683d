/** Runs a model's call of one of our own tools. */
import type { StepId, ToolCallId } from "@spillway/contracts"
import type { RuntimeSession, SessionClosed } from "@spillway/runtime-ingestion"
import { currentTraceparent } from "@spillway/orchestration"
import { Effect, Schema } from "effect"
import { requestIdOf } from "../ids.ts"
import { asJson } from "../json.ts"
import type { ToolCallToRun, ToolOutcome } from "../toolCalls.ts"
import type { AnyTool, ToolOutput } from "../tools/Tool.ts"

export interface ClientToolCall {
  readonly toolCallId: ToolCallId
  readonly name: string
  /** Fits the tool's schema. */
  readonly input: unknown
}

class ToolFailed extends Schema.TaggedError<ToolFailed>("@spillway/provider-runtimes/ToolFailed")(
  "ToolFailed",
  {
    message: Schema.String
  }
) {}

const attempt = <A>(work: () => A | PromiseLike<A>): Effect.Effect<A, ToolFailed> =>
  Effect.tryPromise({
    try: async () => work(),
    catch: (error) => new ToolFailed({ message: error instanceof Error ? error.message : String(error) })
  })

/** The call, ready to run: what is asked first, and what is done. */
export const toolCallToRun = Effect.fnUntraced(function* (
  session: RuntimeSession,
  tools: ReadonlyArray<AnyTool>,
  stepId: StepId,
  call: ClientToolCall
): Effect.fn.Return<ToolCallToRun> {
  const { name, toolCallId } = call
  const tool = tools.find((tool) => tool.name === name)
  if (tool === undefined) {
    const error = { code: "UnknownTool", message: `There is no tool named "${name}".` }
    return { toolCallId, run: () => Effect.succeed({ status: "error", error }) }
  }
  const asks = yield* needsApproval(tool, call.input)
  return {
    toolCallId,
    ...(asks
      ? { asks: { requestId: requestIdOf(stepId, toolCallId), kind: "approval", title: `Allow ${name}?` } }
      : {}),
    run: () => run(session, tool, call)
  }
})

/** A condition that can't be evaluated asks. */
const needsApproval = ({ needsApproval = false }: AnyTool, input: unknown): Effect.Effect<boolean> =>
  typeof needsApproval === "boolean"
    ? Effect.succeed(needsApproval)
    : Effect.orElseSucceed(
        attempt(() => needsApproval(input)),
        () => true
      )

const run = (
  session: RuntimeSession,
  tool: AnyTool,
  call: ClientToolCall
): Effect.Effect<ToolOutcome, SessionClosed> =>
  Effect.gen(function* () {
    const abort = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (abort) => Effect.sync(() => abort.abort())
    )
    const traceparent = yield* currentTraceparent
    const context = {
      toolCallId: call.toolCallId,
      abortSignal: abort.signal,
      ...(traceparent === undefined ? {} : { traceparent })
    }
    const given = yield* attempt<unknown>(() => tool.execute(call.input, context))
    const result = isOutput(given) ? yield* print(session, call.toolCallId, given) : given
    return { status: "completed", result: asJson(result) } satisfies ToolOutcome
  }).pipe(
    Effect.scoped,
    Effect.catchTag("ToolFailed", ({ message }) =>
      Effect.succeed<ToolOutcome>({ status: "error", error: { code: "ToolFailed", message } })
    )
  )

/** Reports what the tool prints, as it prints it, and answers what it returns. */
const print = Effect.fnUntraced(function* (
  session: RuntimeSession,
  toolCallId: ToolCallId,
  output: ToolOutput
) {
  // A generator that is left gets to its `finally`; nobody waits for one that does not come back.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => void Promise.resolve(output.return?.()).catch(() => undefined))
  )
  while (true) {
    const next = yield* attempt(() => output.next())
    if (next.done === true) return next.value
    yield* session.emit({ type: "tool-call.output-delta", toolCallId, delta: next.value })
  }
})

const isOutput = (given: unknown): given is ToolOutput =>
  typeof given === "object" && given !== null && Symbol.asyncIterator in given && "next" in given
