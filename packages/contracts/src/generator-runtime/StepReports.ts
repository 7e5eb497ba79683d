/**
 * Where a generator runtime stands in its turn: what it yields, as reports in steps that are opened and finished. Pure but for its own
 * state: whoever asks sends them on in this order.
 */
import { asJson } from "../asJson.ts"
import type { ToolCallId, TurnId } from "../Ids.ts"
import type { ProviderRuntimeEvent } from "../ProviderRuntimeEvent.ts"
import type { RuntimeOutput, StepFinish } from "./outputs.ts"

/** `step.open`: the next step is to be opened, and committed, before anything that comes after it. */
export type StepReport = ProviderRuntimeEvent | { readonly type: "step.open" }

export class StepReports {
  /** Set before item ids, so that those of two generations differ. */
  readonly #prefix: string
  #isOpen = false
  #calledTools = false
  /** The stretch of text that is being written. */
  #item: { readonly itemId: string; readonly kind: "text" | "reasoning" } | null = null
  #items = 0

  constructor(turnId: TurnId, nextStepIndex: number) {
    this.#prefix = `${turnId}#${nextStepIndex}`
  }

  /** Finishes the step that is open and opens the next one. */
  next(): ReadonlyArray<StepReport> {
    const finished = this.finish()
    this.#isOpen = true
    this.#calledTools = false
    return [...finished, { type: "step.open" }]
  }

  /** Ends the model call of the open step, if one is open. */
  finish(finish: StepFinish = {}): ReadonlyArray<StepReport> {
    if (!this.#isOpen) return []
    this.#isOpen = false
    const { finishReason = this.#calledTools ? "tool-calls" : "stop", responseId, usage } = finish
    return [
      ...this.#endItem(),
      {
        type: "step.finished",
        finishReason,
        ...(usage === undefined ? {} : { usage }),
        ...(responseId === undefined ? {} : { responseId })
      }
    ]
  }

  /** Throws a TypeError for what is no output. */
  of(output: RuntimeOutput): ReadonlyArray<StepReport> {
    switch (output.type) {
      case "text":
      case "reasoning":
        return output.delta === "" ? [] : this.#inStep(() => this.#text(output.type, output.delta))
      case "tool-input": {
        const { delta, name } = output
        const toolCallId = callId(output.toolCallId)
        return this.#inStep(() => [
          ...this.#endItem(),
          { type: "tool-call.input-delta", toolCallId, name, delta }
        ])
      }
      case "tool-call": {
        const { input, name } = output
        const toolCallId = callId(output.toolCallId)
        return this.#inStep(() => {
          this.#calledTools = true
          return [...this.#endItem(), { type: "tool-call.started", toolCallId, name, input: asJson(input) }]
        })
      }
      case "tool-output":
        return [
          { type: "tool-call.output-delta", toolCallId: callId(output.toolCallId), delta: output.delta }
        ]
      case "tool-result":
        return [
          {
            type: "tool-call.completed",
            toolCallId: callId(output.toolCallId),
            status: "completed",
            result: asJson(output.result)
          }
        ]
      case "tool-error":
      case "tool-denied":
        return [
          {
            type: "tool-call.completed",
            toolCallId: callId(output.toolCallId),
            status: output.type === "tool-error" ? "error" : "denied",
            error: output.error
          }
        ]
      case "finish-step":
        return this.finish(output)
      case "notice":
        return [{ type: "notice", level: output.level, text: output.text }]
      default:
        throw new TypeError(unknownOutput(output))
    }
  }

  /** Output that a model makes belongs to a step: where none is open, the next one is opened first. */
  #inStep(write: () => ReadonlyArray<StepReport>): ReadonlyArray<StepReport> {
    if (this.#isOpen) return write()
    const opened = this.next()
    return [...opened, ...write()]
  }

  #text(kind: "text" | "reasoning", delta: string): ReadonlyArray<StepReport> {
    const ended = this.#item?.kind === kind ? [] : this.#endItem()
    this.#item ??= { itemId: `${this.#prefix}.${this.#items++}`, kind }
    return [...ended, { type: "text.delta", ...this.#item, delta }]
  }

  #endItem(): ReadonlyArray<StepReport> {
    if (this.#item === null) return []
    const ended = { type: "text.completed", ...this.#item } as const
    this.#item = null
    return [ended]
  }
}

const isId = /^[\x21-\x7e]{1,600}$/

const callId = (id: string): ToolCallId => {
  if (typeof id === "string" && isId.test(id)) return id as ToolCallId
  throw new TypeError(
    `${JSON.stringify(id)} can't be a toolCallId: give printable ASCII characters without spaces.`
  )
}

const unknownOutput = (output: never): string =>
  `The runtime yielded ${JSON.stringify(output) ?? String(output)}, which is no output: yield text("…"), toolCall({…}) and the like.`
