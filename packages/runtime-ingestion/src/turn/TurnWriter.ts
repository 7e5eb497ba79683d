/**
 * Turns what a runtime reports of one turn into runtime commands, and text on its way into live frames. Pure but for its own state:
 * no clock, no I/O; what it wants committed waits in `outbox` until `confirm`.
 *
 * It keeps the guards of DESIGN's lifecycle: one open message per model call, text before whatever comes after it, every tool call
 * closed once, nothing after the turn's end.
 */
import {
  type Activity,
  assistantMessageIdOf,
  type DeliveryMode,
  type Failure,
  type LiveFrame,
  type MessageClosing,
  type MessageId,
  type ProviderRuntimeEvent,
  type RuntimeCommand,
  type StepId,
  stepIdOf,
  type ThreadId,
  type TurnId,
  type TurnOutcome,
  type Usage
} from "@spillway/contracts"
import type { ThreadState } from "@spillway/orchestration"
import { type CutLimits, makeCut } from "../delivery/cuts.ts"
import type { RedactorService } from "../Redactor.ts"
import { OpenPart } from "./OpenPart.ts"
import { ToolCalls } from "./ToolCalls.ts"

export interface TurnWriterOptions {
  readonly state: ThreadState
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly runtime: string
  readonly announcesSteps: boolean
  readonly redactor: RedactorService
  readonly limits: CutLimits
}

/** Of a final text that differs, so much is kept beside the streamed one, in UTF-16 code units. */
const FINAL_TEXT_LIMIT = 24_000

/** The message being written, and its parts in order. */
interface CurrentMessage {
  readonly messageId: MessageId
  readonly stepId: StepId
  readonly parts: Map<string, OpenPart>
  nextPart: number
  hasContent: boolean
}

interface StepFinish {
  readonly usage: Usage
  readonly finishReason: string
  readonly responseId: string | null
}

export class TurnWriter {
  readonly turnId: TurnId
  readonly mode: DeliveryMode
  /** Commands to be committed next, in order. */
  private outbox: Array<RuntimeCommand> = []
  /** Frames to be shown once what they follow is committed. */
  private live: Array<LiveFrame> = []
  private readonly tools: ToolCalls
  private readonly options: TurnWriterOptions
  private message: CurrentMessage | null = null
  private stepId: StepId | null = null
  private nextStepIndex: number
  private attempt = 0
  private model: string | null = null
  private finish: StepFinish | null = null
  private toolResultSeen = false
  private runtimeTurnId: string | undefined
  private closing: TurnOutcome | null = null
  private afterVersion: number
  /** The last source sequence accepted. */
  sequence = 0

  constructor(options: TurnWriterOptions) {
    const { state, turnId } = options
    const active = state.active
    this.options = options
    this.turnId = turnId
    this.mode = state.turns[turnId]?.mode ?? "buffered"
    this.afterVersion = state.version
    this.nextStepIndex = active?.nextStepIndex ?? 0
    this.stepId = active?.openStep ?? null
    this.tools = new ToolCalls(this.mode, options, active)
    // A turn that goes on after a restart goes on in the message it left open.
    const open = Object.values(active?.openMessages ?? {}).at(-1)
    if (open !== undefined) {
      this.message = {
        messageId: open.messageId,
        stepId: open.stepId,
        parts: new Map(),
        nextPart: Object.keys(open.parts).length,
        hasContent: open.hasContent
      }
    }
  }

  /** True once the turn's end was written; nothing is accepted after it. */
  get ended(): boolean {
    return this.closing !== null
  }

  get openStepId(): StepId | null {
    return this.stepId
  }

  get openMessageId(): MessageId | null {
    return this.message?.messageId ?? null
  }

  get steps(): number {
    return this.nextStepIndex
  }

  /** What is to be committed. The same until `confirm`, but for what was added behind it. */
  pending(): ReadonlyArray<RuntimeCommand> {
    return this.outbox
  }

  /** The first `commands` of the outbox are committed; the thread is at `version`. */
  confirm(commands: number, version: number): void {
    this.outbox = this.outbox.slice(commands)
    this.afterVersion = version
    for (const part of this.openParts()) part.buffer.confirm()
  }

  /** Puts a remark in the place of one command: the engine refuses it, and its neighbours are not to suffer. */
  refuse(index: number, reason: string): void {
    const refused = this.outbox[index]
    if (refused === undefined) return
    const remark: RuntimeCommand = {
      type: "thread.activity.record",
      activity: { type: "event-refused", eventType: refused.type, reason }
    }
    this.outbox.splice(index, 1, ...(refused.type === "thread.activity.record" ? [] : [remark]))
  }

  /** Keeps a remark, behind the text so far. */
  record(activity: Activity): void {
    this.boundary()
    this.outbox.push({ type: "thread.activity.record", activity })
  }

  /** Frames whose place has come: what they follow is committed. */
  takeLive(): ReadonlyArray<LiveFrame> {
    const frames = this.live
    this.live = []
    return frames.map((frame) => ({ ...frame, afterVersion: this.afterVersion }))
  }

  /** The whole un-flushed text, each piece at its durable offset. Only in a mode that is seen live. */
  tail(): ReadonlyArray<LiveFrame> {
    if (this.message === null && this.tools.isIdle) return []
    const frames: Array<LiveFrame> = []
    for (const part of this.openParts()) {
      const tail = part.isLive ? part.buffer.tail() : undefined
      if (tail !== undefined) frames.push(this.frame(part, tail.offset, tail.text))
    }
    return frames
  }

  /** Everything up to this source sequence is durable once the outbox is committed. */
  durableThrough(): number {
    let through = this.sequence
    for (const part of this.openParts()) {
      const held = part.buffer.heldSince
      if (held !== null) through = Math.min(through, held - 1)
    }
    return through
  }

  /** When a cut falls due without new text, in milliseconds; `null` when none will. */
  deadline(): number | null {
    let soonest: number | null = null
    for (const part of this.openParts()) {
      const at = part.cut.deadline(part.buffer)
      if (at !== null && (soonest === null || at < soonest)) soonest = at
    }
    return soonest
  }

  /** Cuts what has fallen due. */
  tick(now: number): void {
    for (const part of this.openParts()) this.cutDue(part, now)
  }

  /** Flushes all text that waits, so that what is written next stands behind it. */
  flush(): void {
    for (const part of this.openParts()) this.emitText(part, part.flush())
  }

  /** Opens the next step, and with it its message. What was open before is closed first. */
  openStep(model: string | null, steeredBy: ReadonlyArray<MessageId>): { stepId: StepId; messageId: MessageId } {
    this.closeStep("completed", null)
    if (model !== null) this.model = model
    const stepId = stepIdOf(this.turnId, this.nextStepIndex++)
    this.stepId = stepId
    this.attempt = 0
    this.toolResultSeen = false
    this.outbox.push({ type: "thread.step.open", turnId: this.turnId, stepId, steeredBy })
    const message = this.openMessage(stepId)
    return { stepId, messageId: message.messageId }
  }

  /** The order in which the runtime said it. An event at or below the last sequence was seen before and changes nothing. */
  accept(event: ProviderRuntimeEvent, sequence: number, now: number): void {
    if (sequence <= this.sequence) return
    this.sequence = sequence
    if (this.ended) return
    switch (event.type) {
      case "session.started":
      case "turn.started":
        return this.started(event)
      case "session.exited":
        return event.error === undefined
          ? this.close("interrupted", "runtime-exited", null)
          : this.close("failed", "runtime-exited", event.error)
      case "turn.completed":
        return this.isForeign(event.runtimeTurnId) ? undefined : this.close("completed", event.reason ?? "stop", null)
      case "turn.failed":
        return this.isForeign(event.runtimeTurnId) ? undefined : this.close("failed", "runtime-error", event.error)
      case "turn.aborted":
        return this.isForeign(event.runtimeTurnId) ? undefined : this.close("interrupted", "aborted", null)
      case "model.known":
        return this.modelKnown(event.model)
      case "step.finished":
        return this.finishStep(event)
      case "step.retried":
        return this.retryStep(event.reason)
      case "text.delta":
        return this.write(event.itemId, event.kind, event.delta, now)
      case "text.completed":
        return this.completeText(event, now)
      case "tool-call.input-delta":
        return this.toolFrame(this.tools.inputDelta(this.outputMessage(), event, now, sequence))
      case "tool-call.started":
        if (this.tools.isKnown(event.toolCallId)) return
        this.boundary()
        this.outbox.push(...this.tools.open(this.outputMessage(), event))
        this.outputMessage().hasContent = true
        return
      case "tool-call.output-delta": {
        const part = this.tools.outputDelta(event, now, sequence)
        this.toolFrame(part)
        if (part !== undefined) this.cutDue(part.part, now)
        return
      }
      case "tool-call.completed":
        return this.completeToolCall(event)
      case "request.opened":
        this.boundary()
        this.outbox.push({
          type: "thread.request.open",
          requestId: event.requestId,
          toolCallId: event.toolCallId ?? null,
          kind: event.kind,
          title: this.options.redactor.text(event.title),
          questions: event.questions ?? []
        })
        return
      case "request.withdrawn":
        this.boundary()
        this.outbox.push({ type: "thread.request.withdraw", requestId: event.requestId, reason: event.reason })
        return
      case "notice":
        return this.record({ type: "notice", level: event.level, text: this.options.redactor.text(event.text) })
    }
  }

  /** Ends the turn, whoever asks for it: the runtime, an interrupt, a watchdog. A second end is a no-op. */
  close(outcome: TurnOutcome, reason: string, error: Failure | null): void {
    if (this.ended) return
    const redacted = error && { ...error, message: this.options.redactor.text(error.message) }
    this.boundary()
    this.closing = outcome
    this.outbox.push(...this.tools.closeOpen(redacted ?? { code: "Interrupted", message: "The turn ended before the tool did." }))
    if (this.message !== null) {
      const status: MessageClosing =
        outcome === "completed" ? "completed" : outcome === "failed" ? "error" : "interrupted"
      this.closeMessage(status, outcome === "failed" ? redacted : null)
    }
    this.finish ??= { usage: {}, finishReason: outcome === "completed" ? "unknown" : "aborted", responseId: null }
    this.pushStepClose()
    this.outbox.push({ type: "thread.turn.close", turnId: this.turnId, outcome, reason, error: redacted })
  }

  private started(event: Extract<ProviderRuntimeEvent, { type: "session.started" | "turn.started" }>): void {
    if (event.type === "turn.started") {
      this.runtimeTurnId ??= event.runtimeTurnId
      return
    }
    const session = this.options.state.active?.session
    if (event.providerThreadId === undefined || !session) return
    this.outbox.push({
      type: "thread.session.bind",
      sessionId: session.sessionId,
      generation: session.generation,
      providerThreadId: event.providerThreadId
    })
  }

  /** Another turn's end is recorded and ignored. */
  private isForeign(runtimeTurnId: string | undefined): boolean {
    if (runtimeTurnId === undefined || this.runtimeTurnId === undefined) return false
    if (runtimeTurnId === this.runtimeTurnId) return false
    this.record({ type: "foreign-turn-end", runtimeTurnId })
    return true
  }

  private modelKnown(model: string): void {
    if (this.model === model) return
    this.model = model
    if (this.message === null) return
    this.record({ type: "message-metadata", messageId: this.message.messageId, model })
  }

  /** Where a runtime announces no steps, one is opened at the first output, and at the first output after tool results. */
  private outputMessage(): CurrentMessage {
    const next = !this.options.announcesSteps && this.toolResultSeen && this.tools.isIdle
    if (this.stepId === null || next) this.openStep(this.model, [])
    if (this.message === null) {
      // The message closed and the step goes on: a retry, or output behind the message's end.
      this.attempt++
      this.openMessage(this.stepId!)
    }
    return this.message!
  }

  private openMessage(stepId: StepId): CurrentMessage {
    const messageId = assistantMessageIdOf(stepId, this.attempt)
    this.message = { messageId, stepId, parts: new Map(), nextPart: 0, hasContent: false }
    this.outbox.push({
      type: "thread.message.open",
      messageId,
      stepId,
      runtime: this.options.runtime,
      model: this.model
    })
    return this.message
  }

  private write(itemId: string, kind: "text" | "reasoning", delta: string, now: number): void {
    if (delta === "") return
    const message = this.outputMessage()
    const key = `${kind}:${itemId}`
    let part = message.parts.get(key)
    if (part === undefined) {
      // A part begins behind what stands before it.
      this.flush()
      part = new OpenPart({
        kind,
        partId: `${message.messageId}/${message.nextPart++}`,
        address: { messageId: message.messageId, stepId: message.stepId },
        cut: makeCut(this.mode, this.options.limits),
        redactor: this.options.redactor
      })
      message.parts.set(key, part)
    }
    const shown = part.push(delta, now, this.sequence)
    if (/\S/.test(shown)) message.hasContent = true
    if (part.isLive && shown !== "") this.live.push(this.frame(part, part.buffer.end - shown.length, shown))
    this.cutDue(part, now)
  }

  private completeText(event: Extract<ProviderRuntimeEvent, { type: "text.completed" }>, now: number): void {
    const key = `${event.kind}:${event.itemId}`
    const part = this.message?.parts.get(key)
    if (event.text === undefined) return
    if (part === undefined) return this.write(event.itemId, event.kind, event.text, now)
    if (part.source.length === event.text.length && part.source.matches(event.text)) return
    // What was streamed stands; what it should have been is kept beside it.
    this.record({
      type: "final-text-differs",
      messageId: this.message!.messageId,
      partId: part.partId,
      finalText: this.options.redactor.text(event.text).slice(0, FINAL_TEXT_LIMIT)
    })
  }

  private finishStep(event: Extract<ProviderRuntimeEvent, { type: "step.finished" }>): void {
    if (this.stepId === null) return
    this.finish = {
      usage: event.usage ?? {},
      finishReason: event.finishReason ?? "unknown",
      responseId: event.responseId ?? null
    }
    this.flush()
    // Whether such an answer is an error or was interrupted is said by the turn's end, and the message closes with that.
    if (event.finishReason === "error" || event.finishReason === "aborted") return
    if (this.message !== null) this.closeMessage("completed", null)
    // The step ends with the last of its tool calls.
    if (this.tools.isIdle) this.pushStepClose()
  }

  private completeToolCall(event: Extract<ProviderRuntimeEvent, { type: "tool-call.completed" }>): void {
    if (this.tools.isClosed(event.toolCallId)) return
    this.boundary()
    if (!this.tools.isOpen(event.toolCallId)) {
      this.outbox.push(
        ...this.tools.open(this.outputMessage(), {
          type: "tool-call.started",
          toolCallId: event.toolCallId,
          name: event.name ?? "unknown",
          input: event.input ?? null
        })
      )
      this.outputMessage().hasContent = true
    }
    this.outbox.push(...this.tools.close(event))
    this.toolResultSeen = true
    if (this.finish !== null && this.tools.isIdle) this.pushStepClose()
  }

  /** The model call starts again: an empty reservation is discarded, a message with content closes `interrupted`. */
  private retryStep(reason: string): void {
    this.flush()
    if (this.message !== null) this.closeMessage(this.message.hasContent ? "interrupted" : "discarded", null)
    this.record({ type: "model-call-retried", reason: this.options.redactor.text(reason) })
    if (this.stepId === null) return
    this.attempt++
    this.openMessage(this.stepId)
  }

  private closeStep(status: MessageClosing, error: Failure | null): void {
    this.flush()
    if (this.message !== null) this.closeMessage(status, error)
    if (this.stepId !== null) this.pushStepClose()
  }

  private closeMessage(status: MessageClosing, error: Failure | null): void {
    const { hasContent, messageId, parts } = this.message!
    for (const part of parts.values()) this.emitText(part, part.end())
    this.tools.forgetInputs()
    const closing = status === "interrupted" && !hasContent ? "discarded" : status
    this.outbox.push({ type: "thread.message.close", messageId, status: closing, error })
    this.message = null
  }

  private pushStepClose(): void {
    const finish = this.finish ?? { usage: {}, finishReason: "unknown", responseId: null }
    if (this.stepId !== null) this.outbox.push({ type: "thread.step.close", stepId: this.stepId, ...finish })
    this.stepId = null
    this.finish = null
  }

  private boundary(): void {
    this.flush()
    this.outbox.push(...this.tools.flushOutput())
  }

  private cutDue(part: OpenPart, now: number): void {
    const units = part.cut.units(part.buffer, now)
    if (units > 0) this.emitText(part, part.take(units, now))
  }

  private emitText(part: OpenPart, piece: { offset: number; text: string } | undefined): void {
    if (piece === undefined) return
    this.outbox.push(part.append(piece))
  }

  private toolFrame(written: { readonly part: OpenPart; readonly offset: number; readonly text: string } | undefined): void {
    if (written === undefined || !written.part.isLive || written.text === "") return
    this.live.push(this.frame(written.part, written.offset, written.text))
  }

  private *openParts(): Iterable<OpenPart> {
    if (this.message !== null) yield* this.message.parts.values()
    yield* this.tools.parts()
  }

  private frame(part: OpenPart, offset: number, text: string): LiveFrame {
    return {
      threadId: this.options.threadId,
      turnId: this.turnId,
      stepId: part.address.stepId,
      messageId: part.address.messageId,
      partId: part.partId,
      kind: part.kind,
      offset,
      text,
      afterVersion: this.afterVersion,
      ...(part.name === undefined ? {} : { name: part.name })
    }
  }
}
