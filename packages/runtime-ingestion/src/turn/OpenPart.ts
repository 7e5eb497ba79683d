/** A part whose text is still coming: its buffer, where that is cut, and what the redactor holds back. */
import type {
  LiveFrame,
  MessageId,
  PartId,
  RuntimeCommand,
  StepId,
  TextKind,
  ToolCallId
} from "@spillway/contracts"
import type { FlushReason, UnflushedText } from "@spillway/orchestration"
import type { DeliveryCut } from "../delivery/cuts.ts"
import { TextBuffer } from "../delivery/TextBuffer.ts"
import { TextIntake } from "../delivery/TextIntake.ts"
import type { RedactorService } from "../Redactor.ts"
import { SourceText } from "./SourceText.ts"

export interface OpenPartOptions {
  readonly kind: LiveFrame["kind"]
  readonly partId: string
  readonly address: { readonly messageId: MessageId; readonly stepId: StepId }
  readonly cut: DeliveryCut
  readonly redactor: RedactorService
  /** What the source calls it; of text and reasoning. */
  readonly itemId?: string
  /** Of a tool call's parts. */
  readonly toolCallId?: ToolCallId
  readonly name?: string
  /** The part's durable length, where it goes on after a restart. */
  readonly durable?: number
  /** Of a part that a session left which was cut off: so many of its last durable code units come again. */
  readonly again?: number | undefined
  readonly flushed: Flushed
}

/** Told of each piece of text that leaves a buffer for the log, with its length in UTF-16 code units. */
export type Flushed = (reason: FlushReason, units: number) => void

export class OpenPart {
  readonly kind: LiveFrame["kind"]
  readonly partId: PartId
  readonly address: OpenPartOptions["address"]
  readonly cut: DeliveryCut
  readonly buffer: TextBuffer
  readonly name: string | undefined
  /** Whether some of what came waits to be understood. */
  holds = false
  private readonly itemId: string | null
  private readonly toolCallId: ToolCallId | undefined
  private readonly intake: TextIntake
  private readonly flushed: Flushed
  /** What the runtime streamed; nobody knows it of a part that was cut off. */
  private readonly source: SourceText | null
  private at = 0
  private sequence = 0
  /** Code units that come again. */
  private again: number
  /** The place in the part before the last event, before the event that began what is held back somewhere, and as the checkpoint has it. */
  private before = 0
  private marked: number
  private notedThrough = -1

  constructor(options: OpenPartOptions) {
    this.kind = options.kind
    this.partId = options.partId as PartId
    this.address = options.address
    this.cut = options.cut
    this.name = options.name
    this.itemId = options.itemId ?? null
    this.toolCallId = options.toolCallId
    this.flushed = options.flushed
    this.buffer = new TextBuffer(options.durable)
    this.intake = new TextIntake(options.redactor)
    this.source = options.again === undefined ? new SourceText() : null
    this.again = options.again ?? 0
    this.marked = this.place
  }

  get isLive(): boolean {
    return this.cut.live
  }

  /** The oldest text that a crash would lose, though it could be seen: when it came, in milliseconds. */
  get atRiskSince(): number | null {
    return this.isEphemeral ? null : this.buffer.atRiskSince
  }

  /** Takes a delta in; the result is the text that may be seen now. */
  push(delta: string, at: number, sequence: number): string {
    this.at = at
    this.sequence = sequence
    this.before = this.place
    this.source?.push(delta)
    const seen = this.put(this.intake.push(delta))
    this.holds = this.intake.holds && !this.isEphemeral
    return seen
  }

  /** Whether the runtime's final text is what it streamed, as far as anybody knows. */
  isWhole(finalText: string): boolean {
    return this.source?.matches(finalText) ?? true
  }

  /** Remembers where it stood before the event of this sequence: what comes from there on will be sent again after a crash. */
  mark(sequence: number): void {
    this.marked = this.sequence === sequence ? this.before : this.place
  }

  /** Where the text of events begins that would be sent again. @param held whether something is held back, here or elsewhere. */
  resumesAt(held: boolean): number {
    return held ? this.marked : this.place
  }

  /** Whether it goes on beyond the cursor. */
  isAhead(held: boolean): boolean {
    return !this.isEphemeral && this.resumesAt(held) < this.buffer.end
  }

  /** All text that a crash would lose, on its way to the checkpoint; and, where there is none, the place at which it is ahead. */
  keep(through: number, held: boolean): Omit<UnflushedText, "ordinal"> | undefined {
    if (this.isEphemeral) return undefined
    const piece = this.buffer.keep()
    if (piece === undefined && !(this.isAhead(held) && this.notedThrough !== through)) return undefined
    this.notedThrough = through
    return {
      messageId: this.address.messageId,
      partId: this.partId,
      kind: this.kind as UnflushedText["kind"],
      itemId: this.itemId,
      toolCallId: this.toolCallId ?? null,
      resumesAt: this.resumesAt(held),
      ...(piece ?? { offset: this.buffer.end, text: "" })
    }
  }

  /** The first `units` of the waiting text, on their way to the log. */
  take(units: number, now: number, reason: FlushReason): { offset: number; text: string } | undefined {
    const piece = this.buffer.take(units)
    if (piece === undefined) return undefined
    this.cut.cut(piece.text.length, now)
    this.flushed(reason, piece.text.length)
    return piece
  }

  /** All text that can be seen. What may begin a secret waits for its rest, and arguments for their call: it carries them whole. */
  flush(reason: FlushReason = "boundary"): { offset: number; text: string } | undefined {
    return this.isEphemeral ? undefined : this.take(this.buffer.waiting, this.at, reason)
  }

  /** All text up to a boundary: what comes next stands behind it. Half a character goes on waiting, and is not asked for again. */
  flushWhole(reason: FlushReason = "boundary"): { offset: number; text: string } | undefined {
    if (!this.isEphemeral) this.put(this.intake.release())
    this.holds = false
    return this.flush(reason)
  }

  /** All text there will ever be. */
  end(): { offset: number; text: string } | undefined {
    this.put(this.intake.end())
    this.holds = false
    return this.flush("close")
  }

  /** The command that makes a piece durable. */
  append(piece: { readonly offset: number; readonly text: string }): RuntimeCommand {
    return this.kind === "tool-output"
      ? {
          type: "thread.tool-call.output",
          toolCallId: this.toolCallId!,
          offset: piece.offset,
          text: piece.text,
          truncated: false
        }
      : {
          type: "thread.message.append",
          messageId: this.address.messageId,
          partId: this.partId,
          kind: this.kind as TextKind,
          offset: piece.offset,
          text: piece.text
        }
  }

  /** Arguments on their way are for the eye only; the call carries them whole. */
  private get isEphemeral(): boolean {
    return this.kind === "tool-input"
  }

  /** Where the next text of the source belongs. */
  private get place(): number {
    return this.buffer.end - this.again
  }

  private put(text: string): string {
    const known = Math.min(this.again, text.length)
    this.again -= known
    const seen = text.slice(known)
    if (seen === "") return seen
    this.buffer.push(seen, this.at)
    this.cut.observe(seen)
    return seen
  }
}
