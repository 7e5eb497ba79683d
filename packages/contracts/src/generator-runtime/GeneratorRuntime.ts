/** A provider runtime as one async generator: what it is given for a turn, and what it may say of itself. */
import type { ThreadId, TurnId } from "../Ids.ts"
import type { RequestResponse } from "../Request.ts"
import type { HistoryMessage } from "../thread-view/modelHistory.ts"
import type { TurnView } from "../thread-view/ThreadView.ts"
import type { RuntimeChoice } from "../Turn.ts"
import type { RuntimeOutput } from "./outputs.ts"

/** The `AbortSignal` of the place where it is used: the types of none are needed here. */
type Signal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer Signal } }
  ? Signal
  : never

export type ApprovalResponse = Extract<RequestResponse, { readonly type: "approval" }>
export type InputResponse = Extract<RequestResponse, { readonly type: "input" }>

interface Titled {
  /** What the person is shown. */
  readonly title: string
  /** The tool call that the question is about. */
  readonly toolCallId?: string
  /**
   * Names the request in its thread. Unless said it is made of the turn and the count of questions so far: the same one each time, where
   * a resumed generator asks in the same order.
   */
  readonly requestId?: string
}

export interface ApprovalQuestion extends Titled {
  readonly kind: "approval"
}

export interface InputQuestion extends Titled {
  readonly kind: "input"
  /** Without options any text is an answer. */
  readonly questions: ReadonlyArray<{
    readonly id: string
    readonly question: string
    readonly options?: ReadonlyArray<string>
  }>
}

export type Question = ApprovalQuestion | InputQuestion

/** Asks a person and waits for the answer, however long that takes. Rejects with an `AbortError` when the turn is stopped. */
export interface Ask {
  (question: ApprovalQuestion): Promise<ApprovalResponse>
  (question: InputQuestion): Promise<InputResponse>
}

export interface RuntimeStep {
  readonly stepId: string
  readonly messageId: string
  /** Messages that people sent meanwhile for the running turn, to be taken into this step. Only where `canSteer`. */
  readonly steering: ReadonlyArray<string>
}

/** What a generator runtime is given for one turn. */
export interface RuntimeTurn {
  readonly threadId: ThreadId
  readonly turnId: TurnId
  /** The text that asked for this turn. */
  readonly prompt: string
  /** The conversation up to and including the prompt, as a model is told of it; and what this turn has written already. */
  readonly history: ReadonlyArray<HistoryMessage>
  /** The runtime, model and options that the turn's start named. */
  readonly choice: RuntimeChoice
  /** The turn as far as it got: without steps, unless it is resumed. */
  readonly turn: TurnView
  /** Aborted when the turn is interrupted or its session ends. Pass it on to whatever is waited for. */
  readonly signal: Signal
  /** The step that is open, or was last; `null` when a resumed turn has none. */
  readonly step: RuntimeStep | null
  /**
   * Finishes the open step and opens the next one; resolves once that is committed, so that the message has its id before the model's
   * request leaves. The first step is open already when `run` is called.
   */
  readonly nextStep: () => Promise<RuntimeStep>
  readonly ask: Ask
  /** True while a steering message waits for the next step. Only where `canSteer`. */
  readonly hasSteering: () => boolean
}

/**
 * Does the turn. It is pulled only while the thread has room for what it yields. Its return completes the turn, with the reason it
 * returns (`stop` unless said); what it throws fails the turn with its `code` (else its name) and message. When the turn is stopped
 * the signal aborts and the generator is returned, so that its `finally` runs; what it yields there still counts.
 */
export type GeneratorRun = (
  turn: RuntimeTurn
) => AsyncGenerator<RuntimeOutput, { readonly reason?: string } | void, undefined>

export interface RuntimeDefinition {
  /** What a turn's `runtime` asks for. */
  readonly name: string
  /** The model that a turn runs on, recorded with its messages. */
  readonly model?: string | ((choice: RuntimeChoice) => string)
  /**
   * Default: false. A turn that waits for an answer when the process stops is then interrupted.
   *
   * Set it only if `run` can go on from `turn`: after the restart it is called again, from its beginning. What it yielded before is in
   * `turn.messages` and must not be yielded again; questions that it asks again under the same ids are answered at once if they were.
   * An answer may be given to two generations, so nothing may be done upon one before all questions of the turn are answered.
   */
  readonly resumable?: boolean
  /** Default: false. The runtime takes what `nextStep()` gives as `steering`; else such messages queue as turns of their own. */
  readonly canSteer?: boolean
  readonly run: GeneratorRun
}
