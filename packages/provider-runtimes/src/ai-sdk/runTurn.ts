/**
 * The loop of a turn: a step is opened, then its model call leaves, then its tool calls run, then the next step. We run the loop and
 * not the SDK, because each step is committed before its request leaves, and each answer before the next.
 */
import { type Failure, stepIdOf, type StepId, type ToolCallId, type Usage } from "@spillway/contracts"
import type { RuntimeFailed, RuntimeSession, SessionClosed, TurnInput } from "@spillway/runtime-ingestion"
import type { ModelMessage, ToolModelMessage, ToolSet } from "ai"
import { Effect } from "effect"
import { requestIdOf, uniqueToolCallId } from "../ids.ts"
import { type ClosedToolCall, runToolCalls, type ToolOutcome } from "../toolCalls.ts"
import type { AnyTool } from "../tools/Tool.ts"
import { untilInterrupted } from "../untilInterrupted.ts"
import type { CallOptions } from "./AiSdkOptions.ts"
import { callModel, loadAiSdk, type ModelAnswer } from "./callModel.ts"
import { modelMessages, toolMessage, toolResult } from "./modelMessages.ts"
import type { AnswerSoFar } from "./observe.ts"
import { providerName } from "./providerName.ts"
import { type ClientToolCall, toolCallToRun } from "./runTool.ts"
import type { AiSdkModel } from "./sdkTypes.ts"
import { openCalls, startingHistory, withOutcomes } from "./startingHistory.ts"
import type { SeenToolCall } from "./translate.ts"

export interface TurnSettings {
  readonly model: AiSdkModel
  readonly tools: ReadonlyArray<AnyTool>
  readonly instructions: string | undefined
  readonly maxSteps: number
  readonly maxConcurrent: number
  readonly options: CallOptions
}

export const runTurn = Effect.fnUntraced(function* (
  settings: TurnSettings,
  input: TurnInput,
  session: RuntimeSession
): Effect.fn.Return<void, RuntimeFailed | SessionClosed> {
  const { model, tools } = settings
  const provider = providerName(model)
  const sdk = yield* loadAiSdk
  const toolSet = declarations(tools)
  const takenIds = new Set<ToolCallId>(
    input.history.flatMap((message) =>
      message.role === "assistant"
        ? message.parts.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : []))
        : []
    )
  )
  /** The open step's account, as far as it goes. */
  let soFar: (AnswerSoFar & { finished: boolean }) | undefined
  /** Calls that a provider runs over more than one step. */
  let providerCalls: ReadonlyArray<SeenToolCall> = []

  const finishStep = (finishReason: string, usage: Usage | undefined) =>
    Effect.suspend(() => {
      if (soFar === undefined || soFar.finished) return Effect.void
      soFar.finished = true
      const { responseId } = soFar
      return session.emit({
        type: "step.finished",
        finishReason,
        ...(usage === undefined ? {} : { usage }),
        ...(responseId === undefined ? {} : { responseId })
      })
    })

  const runCalls = Effect.fnUntraced(function* (stepId: StepId, calls: ReadonlyArray<ClientToolCall>) {
    const ready = yield* Effect.forEach(calls, (call) => toolCallToRun(session, tools, stepId, call))
    return yield* runToolCalls(session, ready, settings.maxConcurrent)
  })

  /** One step from its opening to the last outcome of its calls; answers how the turn goes on. */
  const step = Effect.fnUntraced(function* (instructions: string | undefined, messages: Array<ModelMessage>) {
    const { stepId, steering } = yield* session.openStep({ model: model.modelId, provider })
    soFar = { responseId: undefined, usage: {}, finished: false }
    messages.push(...steering.map((content): ModelMessage => ({ role: "user", content })))
    const answer = yield* Effect.scoped(
      callModel(session, sdk, {
        model,
        instructions,
        messages,
        tools: toolSet,
        options: settings.options,
        soFar,
        translation: {
          itemPrefix: stepId,
          nameCall: (providerCallId) => uniqueToolCallId(takenIds, stepId, providerCallId),
          openCalls: providerCalls
        }
      })
    )
    const asked = answer.calls.filter((call) => !call.providerExecuted)
    const runnable = asked.filter((call) => !call.closed)
    const reason = answer.finish?.reason ?? "error"
    // As the SDK decides it: a call whose answer ended early may not be what the model meant.
    const cutShort =
      answer.finish !== undefined && runnable.length > 0 && reason !== "stop" && reason !== "tool-calls"
    const unrun = yield* closeAs(session, cutShort ? runnable : [], {
      code: "NotRun",
      message: `The answer ended early (${reason}), so this call was not run.`
    })
    yield* finishStep(reason, answer.finish?.usage)
    const failure = failureIn(answer)
    if (failure !== undefined) return { type: "failed", failure } as const

    const closed = cutShort ? unrun : yield* runCalls(stepId, runnable)
    const approvals = yield* answerApprovals(session, stepId, answer)
    providerCalls = [...providerCalls, ...answer.calls].filter(
      (call) => call.providerExecuted && !call.closed
    )
    messages.push(...answer.messages)
    appendResults(messages, [...results(runnable, closed), ...approvals])
    // An answer that was cut off says nothing of what it meant to call; what a person has answered is passed on all the same.
    const goesOn = !cutShort && (approvals.length > 0 || (asked.length > 0 && reason !== "interrupted"))
    return goesOn ? ({ type: "next" } as const) : ({ type: "done", reason: reasonOf(answer) } as const)
  })

  const steps = Effect.gen(function* () {
    const { lost, runnable } = openCalls(input)
    const given = yield* closeAs(session, lost, {
      code: "LostWithRestart",
      message: "The server restarted before this call was done, and nothing is left to go on from."
    })
    const closed = yield* runCalls(stepIdOf(input.turnId, input.nextStepIndex - 1), runnable)
    const history = withOutcomes(startingHistory(input), [...given, ...closed])
    const { instructions, messages } = modelMessages(history, settings.instructions)

    const said = [...messages]
    for (let index = input.nextStepIndex; ; index++) {
      if (index >= settings.maxSteps)
        return yield* session.emit({ type: "turn.completed", reason: "max-steps" })
      const outcome = yield* step(instructions, said)
      if (outcome.type === "failed")
        return yield* session.emit({ type: "turn.failed", error: outcome.failure })
      if (outcome.type === "next" || session.hasSteering()) continue
      return yield* session.emit({
        type: "turn.completed",
        ...(outcome.reason === undefined ? {} : { reason: outcome.reason })
      })
    }
  })

  const abort = Effect.gen(function* () {
    yield* finishStep("aborted", soFar?.usage)
    yield* session.emit({ type: "turn.aborted" })
  })

  yield* untilInterrupted(session, steps, abort)
})

/** Without `execute`: the SDK then leaves the running to us. */
const declarations = (tools: ReadonlyArray<AnyTool>): ToolSet =>
  Object.fromEntries(tools.map(({ description, inputSchema, name }) => [name, { description, inputSchema }]))

const failureIn = ({ failure, finish }: ModelAnswer): Failure | undefined =>
  failure ??
  (finish === undefined
    ? {
        code: "ProviderGaveNoOutput",
        message: "The provider's answer has no end. Try the turn again.",
        retryable: true
      }
    : undefined)

/** Why the turn ends, where that is not simply the model's decision. */
const reasonOf = ({ finish }: ModelAnswer): string | undefined => {
  switch (finish?.reason) {
    case "length":
      return "max-tokens"
    case "content-filter":
      return finish.raw === "refusal" ? "refusal" : "content-filter"
    case "error":
      return "provider-error"
    case "interrupted":
      return "provider-interrupted"
    default:
      return undefined
  }
}

/** Ends calls that will not run. */
const closeAs = (
  session: RuntimeSession,
  calls: ReadonlyArray<{ readonly toolCallId: ToolCallId }>,
  error: Failure
) =>
  Effect.forEach(calls, ({ toolCallId }) => {
    const outcome: ToolOutcome = { status: "error", error }
    return Effect.as(session.emit({ type: "tool-call.completed", toolCallId, ...outcome }), {
      toolCallId,
      outcome
    })
  })

type ToolContent = ToolModelMessage["content"]

const results = (calls: ReadonlyArray<SeenToolCall>, closed: ReadonlyArray<ClosedToolCall>): ToolContent =>
  calls.flatMap(({ name, providerCallId, toolCallId }) => {
    const outcome = closed.find((closed) => closed.toolCallId === toolCallId)?.outcome
    return outcome === undefined ? [] : [toolResult(providerCallId, name, outcome)]
  })

/** Providers want all results of an answer in one message; the SDK has begun one where it refused calls itself. */
const appendResults = (messages: Array<ModelMessage>, content: ToolContent): void => {
  if (content.length === 0) return
  const last = messages.at(-1)
  if (last?.role === "tool") messages[messages.length - 1] = toolMessage([...last.content, ...content])
  else messages.push(toolMessage(content))
}

/** Asks a person what the provider wants to know before it runs a tool of its own. */
const answerApprovals = (session: RuntimeSession, stepId: StepId, { approvals }: ModelAnswer) =>
  Effect.forEach(
    approvals,
    Effect.fnUntraced(function* ({ approvalId, call }) {
      const response = yield* session.request({
        requestId: requestIdOf(stepId, approvalId),
        kind: "approval",
        title: `Allow ${call.name}?`,
        toolCallId: call.toolCallId
      })
      const approved = response.type === "approval" && response.decision === "approve"
      if (!approved) {
        call.closed = true
        const error = { code: "ToolCallDenied", message: "The person who was asked denied this call." }
        yield* session.emit({
          type: "tool-call.completed",
          toolCallId: call.toolCallId,
          status: "denied",
          error
        })
      }
      return { type: "tool-approval-response", approvalId, approved, providerExecuted: true } as const
    }),
    { concurrency: "unbounded" }
  )
