/**
 * Whatever runs the model and its tools. A runtime is called once per session, with all it needs to know, and reports what happens
 * through the session. It knows no log, no delivery mode and no client.
 */
import {
  Failure,
  type HistoryMessage,
  type MessageId,
  type ProviderRuntimeEvent,
  type RequestId,
  type RequestResponse,
  type RuntimeChoice,
  type SessionId,
  type StepId,
  type TenantId,
  type ThreadId,
  type ToolCallId,
  type TurnId,
  type TurnView
} from "@spillway/contracts"
import { type Effect, Schema, type Scope } from "effect"

/** The session is over for the runtime: interrupted, superseded, or the server stops. It should return. */
export class SessionClosed extends Schema.TaggedError<SessionClosed>(
  "@spillway/runtime-ingestion/SessionClosed"
)("SessionClosed", { message: Schema.String }) {}

/** The runtime could not do the turn. Ends it `failed` with this code and message. */
export class RuntimeFailed extends Schema.TaggedError<RuntimeFailed>(
  "@spillway/runtime-ingestion/RuntimeFailed"
)("RuntimeFailed", {
  code: Schema.String,
  message: Schema.String,
  retryable: Schema.optionalKey(Schema.Boolean)
}) {}

/**
 * Nobody knows what became of the runtime. The turn parks if it waits for an answer and its runtime can go on from the log; else it ends:
 * failed with an error, interrupted without one.
 */
export class RuntimeLost extends Schema.TaggedError<RuntimeLost>("@spillway/runtime-ingestion/RuntimeLost")(
  "RuntimeLost",
  { reason: Schema.String, error: Schema.NullOr(Failure) }
) {}

/** What a runtime starts from. */
export interface TurnInput {
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly choice: RuntimeChoice
  /** The text that asked for this turn. */
  readonly prompt: string
  /** The conversation up to and including the message that asked for this turn, and what this turn has written already. */
  readonly history: ReadonlyArray<HistoryMessage>
  /**
   * The turn as far as it got: empty of steps on a first start. On a resumed one it holds the steps, messages, tool calls and requests of
   * the earlier generation: what was answered while nobody ran is there.
   */
  readonly turn: TurnView
  /** The index of the next step to be opened. */
  readonly nextStepIndex: number
}

export interface StepOptions {
  readonly model: string | null
  /** Who answers the model call, by OpenTelemetry's name for it, such as `anthropic`: for traces. The runtime's name stands in for it. */
  readonly provider?: string
}

export interface OpenedStep {
  readonly stepId: StepId
  readonly messageId: MessageId
  /** Steering messages that arrived since the step before, to be taken into this step's model call. */
  readonly steering: ReadonlyArray<string>
}

/** What reaches a running runtime from outside. */
export type RuntimeControl = { readonly type: "interrupt" } | { readonly type: "steer" }

/** What a question to a person says. */
export interface SessionRequest {
  readonly requestId: RequestId
  readonly kind: "approval" | "input"
  readonly title: string
  readonly toolCallId?: ToolCallId
  readonly questions?: ReadonlyArray<{
    readonly id: string
    readonly question: string
    readonly options?: ReadonlyArray<string>
  }>
}

/**
 * The session for a runtime that numbers what it reports, from 1 in each generation, and sends again what was not durable when a
 * connection or a server was lost. What is numbered at or below what was taken in changes nothing.
 */
export interface NumberedSession {
  readonly address: { readonly tenant: TenantId; readonly sessionId: SessionId; readonly generation: number }
  /** The runtime was started by an earlier process, and is believed to go on by itself. */
  readonly reattached: boolean
  /** Everything up to this number is durable, and is never asked for again. */
  readonly through: () => number
  /** `over`: the session's end is in the log. `left`: this process has given it up, and nothing was decided. */
  readonly state: () => "open" | "over" | "left"
  /** Calls when one of the two above may have changed, or a steering message came. There is one listener. */
  readonly onChange: (listener: () => void) => void
  readonly emit: (sequence: number, event: ProviderRuntimeEvent) => Effect.Effect<void, SessionClosed>
  /** For a number that was taken in before, the last step that was opened. */
  readonly openStep: (sequence: number, options: StepOptions) => Effect.Effect<OpenedStep, SessionClosed>
  /**
   * The answer to a request that was reported, or is going to be. Called before it is reported it misses none: it counts from the call.
   * An answer that was handed out before under this claim is given again.
   */
  readonly answerTo: (requestId: RequestId) => Effect.Effect<RequestResponse, SessionClosed>
  /** The last step that was opened, from the log, with what steered it. */
  readonly lastStep: Effect.Effect<OpenedStep | null>
}

/** The runtime's side of a session. Everything it is given here happens in the order in which it is called. */
export interface RuntimeSession {
  /**
   * Opens the next step and reserves its message; resolves once that is committed. Call it right before the model's request leaves. What
   * was emitted before is committed before.
   */
  readonly openStep: (options: StepOptions) => Effect.Effect<OpenedStep, SessionClosed>
  /** Reports an event. Returns when it was admitted to the thread's lane: waiting here is the backpressure. */
  readonly emit: (event: ProviderRuntimeEvent) => Effect.Effect<void, SessionClosed>
  /**
   * Opens a request and waits for the answer, however long that takes. A request of this id that was answered while nobody ran is answered
   * at once. An answer comes once the log says that this session has taken it.
   */
  readonly request: (request: SessionRequest) => Effect.Effect<RequestResponse, SessionClosed>
  /** Resolves when an interrupt was asked for: end what is running, report what is known (usage), and return. */
  readonly interrupted: Effect.Effect<void>
  /** True while a steering message waits for the next step. */
  readonly hasSteering: () => boolean
  /** In the place of `openStep`, `emit` and `request`, for a runtime that numbers what it reports. */
  readonly numbered: NumberedSession
}

export interface ProviderRuntime {
  /** The name that a turn's choice gives. */
  readonly name: string
  /**
   * It can go on from the log after a restart, while the turn is parked on a request. It then asks again, under the same ids, for answers
   * that an earlier generation may have been handed; so it acts on no answer before it has those to all the requests of the turn, and
   * reports what it did before it asks anew.
   */
  readonly resumable: boolean
  readonly canSteer: boolean
  /** The runtime names its steps by calling `openStep`. One that does not (ACP) only emits. */
  readonly announcesSteps: boolean
  /**
   * It runs in a process of its own and goes on when this one is lost. Its sessions are then started again under the same claim, so that
   * it can find them; it has to fail those that nobody comes back for. Default: false.
   */
  readonly outlivesServer?: boolean
  /**
   * Does the turn. It emits `turn.completed`, `turn.failed` or `turn.aborted` at the end; a return without one of these completes the
   * turn, a failure fails it. The scope closes when the turn has ended, by itself or not. Interrupted (as a fiber) when it goes on
   * past the grace period.
   */
  readonly runTurn: (
    input: TurnInput,
    session: RuntimeSession
  ) => Effect.Effect<void, RuntimeFailed | RuntimeLost | SessionClosed, Scope.Scope>
}
