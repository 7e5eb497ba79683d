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
  /** Of a tool call's parts. */
  readonly toolCallId?: ToolCallId
  readonly name?: string
  /** The part's durable length, where it goes on after a restart. */
  readonly durable?: number
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
  /** What the runtime streamed, to hold its final text against. */
  readonly source = new SourceText()
  private readonly intake: TextIntake
  private readonly toolCallId: ToolCallId | undefined
  private readonly flushed: Flushed
  private at = 0
  private sequence = 0
  /** The event from which on a new intake would see the text as this one does; `null` when that is the next one. */
  private heldFrom: number | null = null

  constructor(options: OpenPartOptions) {
    this.kind = options.kind
    this.partId = options.partId as PartId
    this.address = options.address
    this.cut = options.cut
    this.name = options.name
    this.toolCallId = options.toolCallId
    this.flushed = options.flushed
    this.buffer = new TextBuffer(options.durable)
    this.intake = new TextIntake(options.redactor)
  }

  get isLive(): boolean {
    return this.cut.live
  }

  /** The oldest text that a crash would lose, though it could be seen: when it came, in milliseconds. */
  get atRiskSince(): number | null {
    return this.isEphemeral ? null : (this.buffer.atRisk?.at ?? null)
  }

  /** The first event of the source whose text is neither in the log nor in its checkpoint, held back text included. */
  get missingFrom(): number | null {
    if (this.isEphemeral) return null
    const atRisk = this.buffer.atRisk?.sequence ?? null
    return atRisk === null || this.heldFrom === null
      ? (atRisk ?? this.heldFrom)
      : Math.min(atRisk, this.heldFrom)
  }

  /** Takes a delta in; the result is the text that may be seen now. */
  push(delta: string, at: number, sequence: number): string {
    this.at = at
    this.sequence = sequence
    this.source.push(delta)
    const heldFrom = this.heldFrom ?? sequence
    const seen = this.put(this.intake.push(delta))
    this.heldFrom = this.intake.holds ? heldFrom : null
    return seen
  }

  /** All text that a crash would lose, on its way to the checkpoint. */
  keep(): Omit<UnflushedText, "ordinal"> | undefined {
    const piece = this.isEphemeral ? undefined : this.buffer.keep()
    return (
      piece && {
        messageId: this.address.messageId,
        partId: this.partId,
        kind: this.kind as UnflushedText["kind"],
        toolCallId: this.toolCallId ?? null,
        ...piece
      }
    )
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
    if (!this.isEphemeral) {
      this.put(this.intake.release())
      this.heldFrom = null
    }
    return this.flush(reason)
  }

  /** All text there will ever be. */
  end(): { offset: number; text: string } | undefined {
    this.put(this.intake.end())
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

  private put(text: string): string {
    if (text === "") return text
    this.buffer.push(text, this.at, this.sequence)
    this.cut.observe(text)
    return text
  }
}
