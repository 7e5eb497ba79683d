/** The tool calls of a turn: arguments as they come, output as it comes, each closed once. */
import {
  type DeliveryMode,
  type Failure,
  pieces,
  type ProviderRuntimeEventOf,
  type RuntimeCommand,
  SEGMENT_LIMIT,
  TOOL_OUTPUT_LIMIT,
  TOOL_RESULT_LIMIT,
  type MessageId,
  type StepId,
  type ThreadId,
  type ToolCallId
} from "@spillway/contracts"
import type { ActiveTurn } from "@spillway/orchestration"
import type { Schema } from "effect"
import { type CutLimits, makeCut, uncut } from "../delivery/cuts.ts"
import type { RedactorService } from "../Redactor.ts"
import { type Flushed, OpenPart } from "./OpenPart.ts"
import type { Resume } from "./Resume.ts"

/** Where a call's parts go. */
export interface CallMessage {
  readonly messageId: MessageId
  readonly stepId: StepId
  nextPart: number
}

interface Call {
  readonly address: { readonly messageId: MessageId; readonly stepId: StepId }
  readonly partId: string
  status: "input" | "open" | "closed"
  input: OpenPart | undefined
  output: OpenPart | undefined
  /** Code units of output that came so far. */
  outputLength: number
  truncated: boolean
  /** Code units of output that the log held before this session. */
  readonly durable: number
  /** So many of them come again. */
  readonly again?: number | undefined
}

export class ToolCalls {
  private readonly mode: DeliveryMode
  private readonly options: {
    readonly redactor: RedactorService
    readonly limits: CutLimits
    readonly threadId: ThreadId
    readonly flushed: Flushed
  }
  private readonly calls = new Map<ToolCallId, Call>()

  constructor(
    mode: DeliveryMode,
    options: ToolCalls["options"],
    active: ActiveTurn | null,
    resume: Resume | null
  ) {
    this.mode = mode
    this.options = options
    for (const call of Object.values(active?.openToolCalls ?? {})) {
      const resumed = resume?.parts.find(({ toolCallId }) => toolCallId === call.toolCallId)
      this.calls.set(call.toolCallId, {
        address: { messageId: call.messageId, stepId: call.stepId },
        partId: resumed?.partId ?? `${call.messageId}/${call.toolCallId}`,
        status: "open",
        input: undefined,
        output: undefined,
        outputLength: call.outputLength - (resumed?.again ?? 0),
        truncated: false,
        durable: call.outputLength,
        again: resumed?.again
      })
    }
  }

  /** True while no call that was opened waits for its result. */
  get isIdle(): boolean {
    for (const call of this.calls.values()) if (call.status === "open") return false
    return true
  }

  isKnown(id: ToolCallId): boolean {
    const status = this.calls.get(id)?.status
    return status === "open" || status === "closed"
  }

  isOpen(id: ToolCallId): boolean {
    return this.calls.get(id)?.status === "open"
  }

  isClosed(id: ToolCallId): boolean {
    return this.calls.get(id)?.status === "closed"
  }

  /** The parts of calls that are not closed. */
  *parts(): Iterable<OpenPart> {
    for (const call of this.calls.values()) {
      if (call.status === "input" && call.input !== undefined) yield call.input
      if (call.status === "open" && call.output !== undefined) yield call.output
    }
  }

  /** Arguments before they are complete are for the eye only: they never reach the log by themselves. */
  inputDelta(
    message: CallMessage,
    event: ProviderRuntimeEventOf<"tool-call.input-delta">,
    now: number,
    sequence: number
  ) {
    const call = this.calls.get(event.toolCallId) ?? this.add(event.toolCallId, message)
    if (call.status !== "input" || this.mode !== "streaming") return undefined
    call.input ??= this.part("tool-input", event.toolCallId, call, event.name)
    return written(call.input, call.input.push(event.delta, now, sequence))
  }

  open(
    message: CallMessage,
    event: ProviderRuntimeEventOf<"tool-call.started">
  ): ReadonlyArray<RuntimeCommand> {
    const call = this.calls.get(event.toolCallId) ?? this.add(event.toolCallId, message)
    call.status = "open"
    call.input = undefined
    const input = capped(this.options.redactor.json(event.input), TOOL_RESULT_LIMIT)
    return [
      {
        type: "thread.tool-call.open",
        messageId: call.address.messageId,
        partId: call.partId as never,
        toolCallId: event.toolCallId,
        name: event.name,
        input: input.value,
        inputTruncated: input.truncated,
        providerExecuted: event.providerExecuted ?? false
      }
    ]
  }

  outputDelta(event: ProviderRuntimeEventOf<"tool-call.output-delta">, now: number, sequence: number) {
    const call = this.calls.get(event.toolCallId)
    if (call === undefined || call.status !== "open" || call.truncated) return undefined
    call.output ??= this.part("tool-output", event.toolCallId, call)
    const room = TOOL_OUTPUT_LIMIT - call.outputLength
    call.truncated = event.delta.length > room
    const delta = event.delta.slice(0, room)
    call.outputLength += delta.length
    return written(call.output, call.output.push(delta, now, sequence))
  }

  /** Output that waits, on its way to the log. */
  flushOutput(): ReadonlyArray<RuntimeCommand> {
    const commands: Array<RuntimeCommand> = []
    for (const call of this.calls.values()) {
      if (call.status !== "open" || call.output === undefined) continue
      const piece = call.output.flushWhole()
      if (piece !== undefined) commands.push(call.output.append(piece))
    }
    return commands
  }

  close(event: ProviderRuntimeEventOf<"tool-call.completed">): ReadonlyArray<RuntimeCommand> {
    const call = this.calls.get(event.toolCallId)!
    call.status = "closed"
    const commands: Array<RuntimeCommand> = []
    if (call.output !== undefined) {
      const piece = call.output.end()
      if (piece !== undefined || call.truncated) {
        const append = call.output.append(piece ?? { offset: call.output.buffer.end, text: "" })
        commands.push({ ...append, truncated: call.truncated } as RuntimeCommand)
      }
    }
    const result = capped(this.options.redactor.json(event.result ?? null), TOOL_RESULT_LIMIT)
    commands.push({
      type: "thread.tool-call.close",
      toolCallId: event.toolCallId,
      status: event.status,
      result: result.value,
      resultTruncated: result.truncated,
      error: event.error ? { ...event.error, message: this.options.redactor.text(event.error.message) } : null
    })
    // What remains is the id, so that a second result is known as one.
    call.output = undefined
    return commands
  }

  /** Ends the calls that will have no result any more. */
  closeOpen(error: Failure): ReadonlyArray<RuntimeCommand> {
    return [...this.calls].flatMap(([toolCallId, call]) =>
      call.status === "open"
        ? this.close({ type: "tool-call.completed", toolCallId, status: "error", error })
        : []
    )
  }

  /** Forgets calls whose arguments broke off: their message is closed, and the same id may come again. */
  forgetInputs(): void {
    for (const [id, call] of this.calls) if (call.status === "input") this.calls.delete(id)
  }

  private add(id: ToolCallId, message: CallMessage): Call {
    const call: Call = {
      address: { messageId: message.messageId, stepId: message.stepId },
      partId: `${message.messageId}/${message.nextPart++}`,
      status: "input",
      input: undefined,
      output: undefined,
      outputLength: 0,
      truncated: false,
      durable: 0
    }
    this.calls.set(id, call)
    return call
  }

  private part(
    kind: "tool-input" | "tool-output",
    toolCallId: ToolCallId,
    call: Call,
    name?: string
  ): OpenPart {
    return new OpenPart({
      kind,
      partId: call.partId,
      address: call.address,
      toolCallId,
      ...(kind === "tool-output" && { durable: call.durable, again: call.again }),
      // Arguments become durable whole, with the call.
      cut: kind === "tool-input" ? uncut : makeCut(this.mode, this.options.limits),
      redactor: this.options.redactor,
      flushed: this.options.flushed,
      ...(name === undefined ? {} : { name })
    })
  }
}

const written = (part: OpenPart, text: string) => ({ part, offset: part.buffer.end - text.length, text })

/** A JSON value that is too large becomes the beginning of its text. */
const capped = (
  value: Schema.Json,
  limit: number
): { readonly value: Schema.Json; readonly truncated: boolean } => {
  const text = JSON.stringify(value)
  return text.length <= limit
    ? { value, truncated: false }
    : { value: pieces(text, Math.min(limit, SEGMENT_LIMIT))[0] ?? "", truncated: true }
}
