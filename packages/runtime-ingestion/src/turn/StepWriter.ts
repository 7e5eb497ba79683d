/**
 * The step that is open, the message it writes and that message's parts. One message is open per model call, and its text goes to the
 * log before whatever comes after it.
 */
import {
  assistantMessageIdOf,
  type DeliveryMode,
  type Failure,
  type MessageClosing,
  type MessageId,
  type PartId,
  type ProviderRuntimeEventOf,
  type StepId,
  stepIdOf,
  type ThreadId,
  type TurnId,
  type Usage
} from "@spillway/contracts"
import type { ActiveTurn, FlushReason } from "@spillway/orchestration"
import { type CutLimits, isSpill, makeCut } from "../delivery/cuts.ts"
import type { RedactorService } from "../Redactor.ts"
import { type Flushed, OpenPart, type OpenPartOptions } from "./OpenPart.ts"
import type { Outbox } from "./Outbox.ts"
import type { LeftPart, Resume } from "./Resume.ts"
import type { ToolCalls } from "./ToolCalls.ts"

export interface StepWriterOptions {
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly mode: DeliveryMode
  readonly runtime: string
  readonly announcesSteps: () => boolean
  /** Its session may go on in another process, which then knows of a call's account only what the log says. */
  readonly outlivesServer: boolean
  readonly redactor: RedactorService
  readonly limits: CutLimits
  readonly active: ActiveTurn | null
  readonly resume: Resume | null
  readonly tools: ToolCalls
  readonly outbox: Outbox
  readonly flushed: Flushed
}

/** The message being written, and its parts in order. */
export interface CurrentMessage {
  readonly messageId: MessageId
  readonly stepId: StepId
  readonly parts: Map<string, OpenPart>
  nextPart: number
  hasContent: boolean
}

/** Some numbers may be missing: of calls whose arguments broke off. */
const partNumber = (partId: string): number => Number(partId.slice(partId.lastIndexOf("/") + 1))

interface StepFinish {
  readonly usage: Usage
  readonly finishReason: string
  readonly responseId: string | null
}

export class StepWriter {
  private readonly options: StepWriterOptions
  private readonly outbox: Outbox
  private readonly tools: ToolCalls
  private message: CurrentMessage | null = null
  private stepId: StepId | null
  private nextStepIndex: number
  private attempt = 0
  private model: string | null = null
  private finish: StepFinish | null = null
  private toolResultSeen = false
  private readonly left: Array<LeftPart>

  constructor(options: StepWriterOptions) {
    const { active } = options
    this.options = options
    this.outbox = options.outbox
    this.left = [...(options.resume?.left ?? [])]
    this.tools = options.tools
    this.nextStepIndex = active?.nextStepIndex ?? 0
    this.stepId = active?.openStep ?? null
    // A turn that goes on after a restart goes on in the message it left open.
    const open = Object.values(active?.openMessages ?? {}).at(-1)
    if (open !== undefined) {
      this.message = {
        messageId: open.messageId,
        stepId: open.stepId,
        parts: new Map(),
        nextPart: Math.max(-1, ...Object.keys(open.parts).map(partNumber)) + 1,
        hasContent: open.hasContent
      }
      this.resume(this.message, options.resume)
    }
  }

  /** A session that goes on behind its cursor goes on in the parts that it left. */
  private resume(message: CurrentMessage, resume: Resume | null): void {
    for (const { again, durable, itemId, kind, messageId, partId } of resume?.parts ?? []) {
      if (kind === "tool-output" || itemId === null || messageId !== message.messageId) continue
      message.parts.set(`${kind}:${itemId}`, this.part(message, { kind, itemId, partId, durable, again }))
    }
  }

  /** The parts of the open message, in order. */
  parts(): Iterable<OpenPart> {
    return this.message?.parts.values() ?? []
  }

  get openMessageId(): MessageId | null {
    return this.message?.messageId ?? null
  }

  /** Opens the next step, and with it its message. What was open before is closed first. */
  open(model: string | null, steeredBy: ReadonlyArray<MessageId>): { stepId: StepId; messageId: MessageId } {
    this.close("completed", null, "unknown")
    if (model !== null) this.model = model
    const stepId = stepIdOf(this.options.turnId, this.nextStepIndex++)
    this.stepId = stepId
    this.attempt = 0
    this.toolResultSeen = false
    this.outbox.push({ type: "thread.step.open", turnId: this.options.turnId, stepId, steeredBy })
    return { stepId, messageId: this.openMessage(stepId).messageId }
  }

  /**
   * The message that output belongs to. Where a runtime announces no steps, one is opened at the first output, and at the first
   * output after tool results.
   */
  outputMessage(): CurrentMessage {
    const next = this.toolResultSeen && !this.options.announcesSteps() && this.tools.isIdle
    if (this.stepId === null || next) this.open(this.model, [])
    if (this.message === null) {
      // The message closed and the step goes on: output behind the message's end.
      this.attempt++
      this.openMessage(this.stepId!)
    }
    return this.message!
  }

  /** Text of an item, in the part that the item has in the message. */
  write(itemId: string, kind: "text" | "reasoning", delta: string, now: number, sequence: number): void {
    if (delta === "") return
    const message = this.outputMessage()
    const part = message.parts.get(`${kind}:${itemId}`) ?? this.openPart(message, itemId, kind)
    const shown = part.push(delta, now, sequence)
    if (/\S/.test(shown)) message.hasContent = true
    this.show(part, part.buffer.end - shown.length, shown)
    this.cutDue(part, now)
  }

  /**
   * The item is complete. Text known only now is written; a final text that differs from the streamed one is the result, to be kept
   * beside it, and overwrites nothing.
   */
  completeText(
    event: ProviderRuntimeEventOf<"text.completed">,
    now: number,
    sequence: number
  ): { readonly messageId: MessageId; readonly partId: PartId; readonly finalText: string } | undefined {
    const part = this.message?.parts.get(`${event.kind}:${event.itemId}`)
    if (event.text === undefined) return undefined
    if (part === undefined) {
      this.write(event.itemId, event.kind, this.unknownRest(event, event.text), now, sequence)
      return undefined
    }
    if (part.isWhole(event.text)) return undefined
    return { messageId: this.message!.messageId, partId: part.partId, finalText: event.text }
  }

  /**
   * What is not in the log yet of an item's final text. The item may be one whose text an earlier process wrote: it then goes on in the
   * part that begins with the same text.
   */
  private unknownRest({ itemId, kind }: ProviderRuntimeEventOf<"text.completed">, finalText: string): string {
    const { message } = this
    const whole = this.options.redactor.text(finalText)
    const index = this.left.findIndex(
      (left) => left.messageId === message?.messageId && left.kind === kind && whole.startsWith(left.text)
    )
    if (message === null || index === -1) return finalText
    const [{ partId, text }] = this.left.splice(index, 1) as [LeftPart]
    message.parts.set(
      `${kind}:${itemId}`,
      this.part(message, { kind, itemId, partId, durable: text.length, again: 0 })
    )
    return whole.slice(text.length)
  }

  /** The model's name became known; true when an open message carries another one. */
  modelKnown(model: string): boolean {
    if (this.model === model) return false
    this.model = model
    return this.message !== null
  }

  /** The model call is over; the step ends with the last of its tool calls, or at once where its account could be lost till then. */
  finishCall(event: ProviderRuntimeEventOf<"step.finished">): void {
    if (this.stepId === null) return
    this.finish = {
      usage: event.usage ?? {},
      finishReason: event.finishReason ?? "unknown",
      responseId: event.responseId ?? null
    }
    this.flush("close")
    // Whether such an answer is an error or was interrupted is said by the turn's end, and the message closes with that.
    if (event.finishReason === "error" || event.finishReason === "aborted") return
    this.closeMessage("completed", null)
    if (this.options.outlivesServer) this.endStep("unknown")
    else this.endIfDone()
  }

  /**
   * The turn waits for a person from here, maybe over a restart: a call that is over ends its step now, with its usage, ahead of its
   * tools' results.
   */
  park(): void {
    if (this.finish !== null && this.message === null) this.endStep("unknown")
  }

  /** A tool gave its result. */
  toolReturned(): void {
    this.toolResultSeen = true
    this.endIfDone()
  }

  /** The model call is void: an empty reservation is discarded, a message with content closes `interrupted`. */
  voidCall(): void {
    this.flush()
    if (this.message !== null) this.closeMessage(this.message.hasContent ? "interrupted" : "discarded", null)
  }

  /** The model call starts again, in a message of its own. */
  retryCall(): void {
    if (this.stepId === null) return
    this.attempt++
    this.openMessage(this.stepId)
  }

  /** Closes what is open. `otherwise` is the finish reason of a call that gave none. */
  close(status: MessageClosing, error: Failure | null, otherwise: string): void {
    this.flush("close")
    this.closeMessage(status, error)
    this.endStep(otherwise)
  }

  /** All text that waits goes to the log before what comes next. */
  flush(reason: FlushReason = "boundary"): void {
    for (const part of this.parts()) this.append(part, part.flushWhole(reason))
  }

  /** Cuts what has fallen due in a part. */
  cutDue(part: OpenPart, now: number): void {
    const units = part.cut.units(part.buffer, now)
    if (units === 0) return
    const { limits, mode } = this.options
    this.append(part, part.take(units, now, isSpill(mode, part.buffer, limits) ? "spill" : "cut"))
  }

  /** Shows a piece of a part, where its mode lets it be seen live. */
  show(part: OpenPart, offset: number, text: string): void {
    if (part.isLive && text !== "") this.outbox.show(this.frame(part, offset, text))
  }

  frame(part: OpenPart, offset: number, text: string) {
    return {
      threadId: this.options.threadId,
      turnId: this.options.turnId,
      ...part.address,
      partId: part.partId,
      kind: part.kind,
      offset,
      text,
      ...(part.name === undefined ? {} : { name: part.name })
    }
  }

  private openMessage(stepId: StepId): CurrentMessage {
    const messageId = assistantMessageIdOf(stepId, this.attempt)
    this.message = { messageId, stepId, parts: new Map(), nextPart: 0, hasContent: false }
    const { runtime } = this.options
    this.outbox.push({ type: "thread.message.open", messageId, stepId, runtime, model: this.model })
    return this.message
  }

  private openPart(message: CurrentMessage, itemId: string, kind: "text" | "reasoning"): OpenPart {
    // A part begins behind what stands before it. Parts may take turns, so a secret may still be on its way in another one.
    for (const part of this.parts()) this.append(part, part.flush())
    const partId = `${message.messageId}/${message.nextPart++}`
    // Its item may be one whose text an earlier process wrote the beginning of: nobody knows what is streamed in all.
    const isContinued = this.left.some((left) => left.messageId === message.messageId && left.kind === kind)
    const part = this.part(message, { kind, itemId, partId, ...(isContinued && { durable: 0, again: 0 }) })
    message.parts.set(`${kind}:${itemId}`, part)
    return part
  }

  private part(
    { messageId, stepId }: CurrentMessage,
    options: Pick<OpenPartOptions, "kind" | "partId" | "itemId" | "durable" | "again">
  ): OpenPart {
    return new OpenPart({
      address: { messageId, stepId },
      cut: makeCut(this.options.mode, this.options.limits),
      redactor: this.options.redactor,
      flushed: this.options.flushed,
      ...options
    })
  }

  private append(
    part: OpenPart,
    piece: { readonly offset: number; readonly text: string } | undefined
  ): void {
    if (piece !== undefined) this.outbox.push(part.append(piece))
  }

  private closeMessage(status: MessageClosing, error: Failure | null): void {
    if (this.message === null) return
    const { hasContent, messageId, parts } = this.message
    for (const part of parts.values()) this.append(part, part.end())
    this.tools.forgetInputs()
    const closing = status === "interrupted" && !hasContent ? "discarded" : status
    this.outbox.push({ type: "thread.message.close", messageId, status: closing, error })
    this.message = null
  }

  private endIfDone(): void {
    if (this.finish !== null && this.message === null && this.tools.isIdle) this.endStep("unknown")
  }

  private endStep(otherwise: string): void {
    const finish = this.finish ?? { usage: {}, finishReason: otherwise, responseId: null }
    if (this.stepId !== null) this.outbox.push({ type: "thread.step.close", stepId: this.stepId, ...finish })
    this.stepId = null
    this.finish = null
  }
}
