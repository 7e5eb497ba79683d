/** What a provider runtime's session would commit, one call for each thing, against the engine in the context. */
import {
  assistantMessageIdOf,
  DEFAULT_TENANT,
  type LoggedEvent,
  PartId,
  RequestId,
  type RuntimeCommand,
  sessionIdOf,
  stepIdOf,
  type ThreadId,
  type TurnId,
  type TurnOutcome
} from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"

export const textPart = PartId.make("text")

export const testRuntime = Effect.fnUntraced(function* (threadId: ThreadId, turnId: TurnId) {
  const engine = yield* ThreadEngine
  const tenant = DEFAULT_TENANT
  const sessionId = sessionIdOf(tenant, threadId)
  const stepId = stepIdOf(turnId, 0)
  const messageId = assistantMessageIdOf(stepId, 0)
  let offset = 0

  /** Commits, and answers the thread's version. */
  const ingest = (...commands: ReadonlyArray<RuntimeCommand>): Effect.Effect<LoggedEvent["version"]> =>
    engine.ingest({ tenant, threadId, actor: "runtime:scripted", commands, cursor: null }).pipe(
      Effect.flatMap((outcome) =>
        outcome._tag === "Committed"
          ? Effect.succeed(outcome.state.version)
          : Effect.die(new Error(`${outcome._tag}: ${JSON.stringify(outcome)}`))
      ),
      Effect.orDie
    )

  return {
    turnId,
    stepId,
    messageId,
    /** Claims the turn, opens its first step and its message. */
    begin: ingest(
      {
        type: "thread.session.open",
        turnId,
        sessionId,
        generation: 1,
        runtime: "scripted",
        resumable: true,
        canSteer: true
      },
      { type: "thread.step.open", turnId, stepId, steeredBy: [] },
      { type: "thread.message.open", messageId, stepId, runtime: "scripted", model: null }
    ),
    append: (text: string) =>
      Effect.suspend(() => {
        const at = offset
        offset += text.length
        return ingest({
          type: "thread.message.append",
          messageId,
          partId: textPart,
          kind: "text",
          offset: at,
          text
        })
      }),
    ask: (requestId: string) =>
      ingest({
        type: "thread.request.open",
        requestId: RequestId.make(requestId),
        toolCallId: null,
        kind: "approval",
        title: "May I?",
        questions: []
      }),
    end: (outcome: TurnOutcome = "completed") =>
      ingest(
        {
          type: "thread.message.close",
          messageId,
          status: outcome === "completed" ? "completed" : "interrupted",
          error: null
        },
        {
          type: "thread.step.close",
          stepId,
          usage: { outputTokens: 1 },
          finishReason: "stop",
          responseId: null
        },
        { type: "thread.turn.close", turnId, outcome, reason: "end", error: null }
      )
  }
})
