/**
 * Turns what a runtime reports of one turn into runtime commands, and text on its way into live frames. Pure but for its own state:
 * no clock, no I/O; what it wants committed waits in its outbox until `confirm`.
 *
 * It keeps the guards of the lifecycle: text before whatever comes after it, every tool call closed once, only the active turn's
 * end, and nothing after it.
 */
import {
  type Activity,
  type DeliveryMode,
  type Failure,
  type LiveFrame,
  type MessageId,
  type ProviderRuntimeEvent,
  type ProviderRuntimeEventOf,
  type RequestId,
  type RuntimeCommand,
  type StepId,
  type ThreadId,
  type TurnId,
  type TurnOutcome
} from "@spillway/contracts"
import type { FlushReason, ThreadState, UnflushedText } from "@spillway/orchestration"
import type { CutLimits } from "../delivery/cuts.ts"
import type { RedactorService } from "../Redactor.ts"
import type { Flushed, OpenPart } from "./OpenPart.ts"
import { activityOf, Outbox } from "./Outbox.ts"
import type { Resume } from "./Resume.ts"
import { StepWriter } from "./StepWriter.ts"
import { sooner, TextCheckpoint } from "./TextCheckpoint.ts"
import { ToolCalls } from "./ToolCalls.ts"

export interface TurnWriterOptions {
  readonly state: ThreadState
  /** Of a session that was cut off and goes on; `null` for one that begins. */
  readonly resume: Resume | null
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly mode: DeliveryMode
  readonly runtime: string
  /** Asked when it matters: of a runtime in another process it is known once that has said so. */
  readonly announcesSteps: () => boolean
  readonly outlivesServer: boolean
  readonly redactor: RedactorService
  readonly limits: CutLimits
  /** How long text waits before the checkpoint holds it, in milliseconds. */
  readonly checkpointAge: number
  readonly flushed: Flushed
}

/** In milliseconds. */
const SHORTLY = 300

/** Of a final text that differs, so much is kept beside the streamed one, in UTF-16 code units. */
const FINAL_TEXT_LIMIT = 24_000

const interrupted: Failure = { code: "Interrupted", message: "The turn ended before the tool did." }

export class TurnWriter {
  /** The last source sequence accepted. */
  sequence = 0
  /** True once the turn's end was written; nothing is accepted after it. */
  ended = false
  private readonly options: TurnWriterOptions
  private readonly outbox: Outbox
  private readonly tools: ToolCalls
  private readonly step: StepWriter
  private readonly checkpoint: TextCheckpoint
  private runtimeTurnId: string | undefined

  constructor(options: TurnWriterOptions) {
    const { resume, state } = options
    this.options = options
    this.sequence = resume?.through ?? 0
    this.outbox = new Outbox(state.version)
    this.tools = new ToolCalls(options.mode, options, state.active, resume)
    this.step = new StepWriter({
      ...options,
      active: state.active,
      tools: this.tools,
      outbox: this.outbox
    })
    this.checkpoint = new TextCheckpoint(() => this.openParts(), options.checkpointAge)
  }

  pending(): ReadonlyArray<RuntimeCommand> {
    return this.outbox.pending()
  }

  /** Text that is to be committed beside the commands, since no segment holds it yet. */
  unflushed(): ReadonlyArray<UnflushedText> {
    return this.checkpoint.pending()
  }

  /** The first `commands` of what was pending are committed, and all un-flushed text; the thread is at `version`. */
  confirm(commands: number, version: number): void {
    this.outbox.confirm(commands, version)
    this.checkpoint.confirm()
    for (const part of this.openParts()) part.buffer.confirm()
  }

  /** Some of what was pending is committed; all un-flushed text waits for the rest. */
  confirmFirst(commands: number, version: number): void {
    this.outbox.confirm(commands, version)
  }

  refuse(index: number, reason: string): void {
    this.outbox.refuse(index, reason)
  }

  /** Keeps a remark, behind the text so far. */
  record(activity: Activity): void {
    this.flush()
    this.outbox.push(activityOf(activity))
  }

  takeLive(): ReadonlyArray<LiveFrame> {
    return this.outbox.takeFrames()
  }

  /** The whole un-flushed text, each piece at its durable offset. Only in a mode that is seen live. */
  tail(): ReadonlyArray<LiveFrame> {
    const frames: Array<LiveFrame> = []
    for (const part of this.openParts()) {
      const tail = part.isLive ? part.buffer.tail() : undefined
      if (tail !== undefined) frames.push(this.outbox.placed(this.step.frame(part, tail.offset, tail.text)))
    }
    return frames
  }

  /** Everything up to this source sequence is durable once what is pending is committed. */
  durableThrough(): number {
    return this.checkpoint.through(this.sequence)
  }

  /** When the oldest text came that a crash would lose, in milliseconds; `null` when there is none. */
  atRiskSince(): number | null {
    return this.checkpoint.atRiskSince()
  }

  /** When text is to be cut or kept without new text, in milliseconds; `null` when none will. */
  deadline(): number | null {
    let soonest = this.checkpoint.deadline()
    for (const part of this.openParts()) soonest = sooner(soonest, part.cut.deadline(part.buffer))
    return soonest
  }

  /** Cuts what has fallen due; also what is about to, rather than to keep it for so short a time. */
  tick(now: number): void {
    const at = this.checkpoint.isDue(now) ? now + SHORTLY : now
    for (const part of this.openParts()) this.step.cutDue(part, at)
  }

  /** Keeps un-flushed text: with whatever is to be committed now, or because some of it has waited long enough. */
  keep(now: number): void {
    if (this.checkpoint.isDue(now) || this.pending().length > 0) this.checkpoint.keep(this.sequence)
  }

  /** All text that waits goes to the log before what comes next. */
  flush(reason: FlushReason = "boundary"): void {
    this.step.flush(reason)
    this.outbox.push(...this.tools.flushOutput())
    this.checkpoint.released()
  }

  /** @param sequence of a source that numbers what it reports. */
  openStep(
    model: string | null,
    steeredBy: ReadonlyArray<MessageId>,
    sequence?: number
  ): { stepId: StepId; messageId: MessageId } {
    this.flush()
    if (sequence !== undefined) this.sequence = sequence
    return this.step.open(model, steeredBy)
  }

  /** Takes an event in, in the runtime's order. One at or below the last sequence was seen before and changes nothing. */
  accept(event: ProviderRuntimeEvent, sequence: number, now: number): void {
    if (sequence <= this.sequence) return
    const before = this.sequence
    this.sequence = sequence
    if (this.ended) return
    this.take(event, sequence, now)
    this.checkpoint.taken(sequence, before)
  }

  private take(event: ProviderRuntimeEvent, sequence: number, now: number): void {
    switch (event.type) {
      case "session.started":
        return this.bind(event)
      case "session.exited":
        return event.error === undefined
          ? this.close("interrupted", "runtime-exited", null)
          : this.close("failed", "runtime-exited", event.error)
      case "turn.started":
        this.runtimeTurnId ??= event.runtimeTurnId
        return
      case "turn.completed":
        return this.isForeign(event) ? undefined : this.close("completed", event.reason ?? "stop", null)
      case "turn.failed":
        return this.isForeign(event) ? undefined : this.close("failed", "runtime-error", event.error)
      case "turn.aborted":
        return this.isForeign(event) ? undefined : this.close("interrupted", "aborted", null)
      case "model.known":
        if (this.step.modelKnown(event.model)) {
          this.record({ type: "message-metadata", messageId: this.step.openMessageId!, model: event.model })
        }
        return
      case "step.finished":
        this.flush("close")
        return this.step.finishCall(event)
      case "step.retried":
        this.step.voidCall()
        this.record({ type: "model-call-retried", reason: this.redacted(event.reason) })
        return this.step.retryCall()
      case "text.delta":
        return this.step.write(event.itemId, event.kind, event.delta, now, sequence)
      case "text.completed": {
        const differs = this.step.completeText(event, now, sequence)
        if (differs === undefined) return
        const finalText = this.redacted(differs.finalText).slice(0, FINAL_TEXT_LIMIT)
        return this.record({ type: "final-text-differs", ...differs, finalText })
      }
      case "tool-call.input-delta":
        return this.show(this.tools.inputDelta(this.step.outputMessage(), event, now, sequence))
      case "tool-call.started":
        return this.tools.isKnown(event.toolCallId) ? undefined : this.openToolCall(event)
      case "tool-call.output-delta": {
        const written = this.tools.outputDelta(event, now, sequence)
        this.show(written)
        if (written !== undefined) this.step.cutDue(written.part, now)
        return
      }
      case "tool-call.completed":
        return this.completeToolCall(event)
      case "request.opened":
        this.flush()
        this.outbox.push({
          type: "thread.request.open",
          requestId: event.requestId,
          toolCallId: event.toolCallId ?? null,
          kind: event.kind,
          title: this.redacted(event.title),
          questions: event.questions ?? []
        })
        return this.step.park()
      case "request.withdrawn":
        this.flush()
        this.outbox.push({
          type: "thread.request.withdraw",
          requestId: event.requestId,
          reason: event.reason
        })
        return
      case "notice":
        return this.record({ type: "notice", level: event.level, text: this.redacted(event.text) })
    }
  }

  /** The answer goes to the runtime next: behind the text so far. */
  takeAnswer(requestId: RequestId): void {
    this.flush()
    this.outbox.push({ type: "thread.request.take", requestId })
  }

  /** Ends the turn, whoever asks for it: the runtime, an interrupt, a watchdog. A second end is a no-op. */
  close(outcome: TurnOutcome, reason: string, error: Failure | null): void {
    if (this.ended) return
    this.ended = true
    const failure = error && { ...error, message: this.redacted(error.message) }
    this.flush("close")
    this.outbox.push(...this.tools.closeOpen(failure ?? interrupted))
    const status = outcome === "completed" ? "completed" : outcome === "failed" ? "error" : "interrupted"
    this.step.close(
      status,
      outcome === "failed" ? failure : null,
      outcome === "completed" ? "unknown" : "aborted"
    )
    this.outbox.push({
      type: "thread.turn.close",
      turnId: this.options.turnId,
      outcome,
      reason,
      error: failure
    })
  }

  /** Ends the session without ending the turn: it waits for an answer, and its runtime can go on from the log. */
  park(): void {
    const session = this.options.state.active?.session
    if (this.ended || !session) return
    this.flush()
    const { generation, sessionId } = session
    this.outbox.push({ type: "thread.session.close", sessionId, generation, reason: "parked" })
  }

  private bind(event: ProviderRuntimeEventOf<"session.started">): void {
    const session = this.options.state.active?.session
    if (event.providerThreadId === undefined || !session) return
    const { generation, sessionId } = session
    const { providerThreadId } = event
    this.outbox.push({ type: "thread.session.bind", sessionId, generation, providerThreadId })
  }

  /** Another turn's end is recorded and ignored. */
  private isForeign({ runtimeTurnId }: { readonly runtimeTurnId?: string }): boolean {
    if (runtimeTurnId === undefined || this.runtimeTurnId === undefined) return false
    if (runtimeTurnId === this.runtimeTurnId) return false
    this.record({ type: "foreign-turn-end", runtimeTurnId })
    return true
  }

  private openToolCall(event: ProviderRuntimeEventOf<"tool-call.started">): void {
    this.flush()
    const message = this.step.outputMessage()
    this.outbox.push(...this.tools.open(message, event))
    message.hasContent = true
  }

  private completeToolCall(event: ProviderRuntimeEventOf<"tool-call.completed">): void {
    if (this.tools.isClosed(event.toolCallId)) return
    this.flush()
    if (!this.tools.isOpen(event.toolCallId)) {
      const { input = null, name = "unknown", toolCallId } = event
      this.openToolCall({ type: "tool-call.started", toolCallId, name, input })
    }
    this.outbox.push(...this.tools.close(event))
    this.step.toolReturned()
  }

  private show(
    written: { readonly part: OpenPart; readonly offset: number; readonly text: string } | undefined
  ): void {
    if (written !== undefined) this.step.show(written.part, written.offset, written.text)
  }

  private *openParts(): Iterable<OpenPart> {
    yield* this.step.parts()
    yield* this.tools.parts()
  }

  private redacted(text: string): string {
    return this.options.redactor.text(text)
  }
}
