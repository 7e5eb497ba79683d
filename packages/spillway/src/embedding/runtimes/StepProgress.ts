/** Where a generator runtime stands in its turn: writes what it yields as runtime events, in steps that are opened and finished. */
import { type ProviderRuntimeEvent, stepIdOf, ToolCallId } from "@spillway/contracts"
import { asJson } from "@spillway/provider-runtimes"
import type { RuntimeSession, SessionClosed, TurnInput } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import type { RuntimeStep } from "./defineRuntime.ts"
import type { RuntimeOutput, StepFinish } from "./outputs.ts"

type Writing = Effect.Effect<void, SessionClosed>

export class StepProgress {
  readonly #session: RuntimeSession
  readonly #model: string | null
  #step: RuntimeStep | null = null
  #isOpen = false
  #calledTools = false
  /** The stretch of text that is being written. */
  #item: { readonly itemId: string; readonly kind: "text" | "reasoning" } | null = null
  #items = 0

  constructor(session: RuntimeSession, input: TurnInput, model: string | null) {
    this.#session = session
    this.#model = model
    const last = input.turn.steps.at(-1)
    const message = input.turn.messages.findLast((message) => message.stepId === last?.stepId)
    if (last !== undefined && message !== undefined) {
      this.#step = { stepId: last.stepId, messageId: message.messageId, steering: [] }
    }
    this.#prefix = stepIdOf(input.turnId, input.nextStepIndex)
  }

  /** Set before item ids, so that those of two generations differ. */
  readonly #prefix: string

  get step(): RuntimeStep | null {
    return this.#step
  }

  /** Finishes the step that is open and opens the next one, which is committed then. */
  readonly nextStep = Effect.suspend(() =>
    Effect.andThen(
      this.finish(),
      Effect.map(this.#session.openStep({ model: this.#model }), (opened) => {
        this.#isOpen = true
        this.#calledTools = false
        return (this.#step = opened)
      })
    )
  )

  /** Ends the model call of the open step, if one is open. */
  finish(finish: StepFinish = {}): Writing {
    return Effect.suspend(() => {
      if (!this.#isOpen) return Effect.void
      this.#isOpen = false
      const { finishReason = this.#calledTools ? "tool-calls" : "stop", responseId, usage } = finish
      return this.#emit(this.#endItem(), {
        type: "step.finished",
        finishReason,
        ...(usage === undefined ? {} : { usage }),
        ...(responseId === undefined ? {} : { responseId })
      })
    })
  }

  write(output: RuntimeOutput): Writing {
    switch (output.type) {
      case "text":
      case "reasoning":
        return output.delta === "" ? Effect.void : this.#inStep(() => this.#text(output.type, output.delta))
      case "tool-input": {
        const { delta, name } = output
        const toolCallId = callId(output.toolCallId)
        return this.#inStep(() =>
          this.#emit(this.#endItem(), { type: "tool-call.input-delta", toolCallId, name, delta })
        )
      }
      case "tool-call": {
        const { input, name } = output
        const toolCallId = callId(output.toolCallId)
        return this.#inStep(() => {
          this.#calledTools = true
          return this.#emit(this.#endItem(), {
            type: "tool-call.started",
            toolCallId,
            name,
            input: asJson(input)
          })
        })
      }
      case "tool-output":
        return this.#emit([], {
          type: "tool-call.output-delta",
          toolCallId: callId(output.toolCallId),
          delta: output.delta
        })
      case "tool-result":
        return this.#emit([], {
          type: "tool-call.completed",
          toolCallId: callId(output.toolCallId),
          status: "completed",
          result: asJson(output.result)
        })
      case "tool-error":
      case "tool-denied":
        return this.#emit([], {
          type: "tool-call.completed",
          toolCallId: callId(output.toolCallId),
          status: output.type === "tool-error" ? "error" : "denied",
          error: output.error
        })
      case "finish-step":
        return this.finish(output)
      case "notice":
        return this.#emit([], { type: "notice", level: output.level, text: output.text })
      default:
        throw new TypeError(unknownOutput(output))
    }
  }

  /** Output that a model makes belongs to a step: where none is open, the next one is opened first. */
  #inStep(write: () => Writing): Writing {
    return Effect.suspend(() =>
      this.#isOpen ? write() : Effect.andThen(this.nextStep, Effect.suspend(write))
    )
  }

  #text(kind: "text" | "reasoning", delta: string): Writing {
    const ended = this.#item?.kind === kind ? [] : this.#endItem()
    this.#item ??= { itemId: `${this.#prefix}.${this.#items++}`, kind }
    return this.#emit(ended, { type: "text.delta", ...this.#item, delta })
  }

  #endItem(): ReadonlyArray<ProviderRuntimeEvent> {
    if (this.#item === null) return []
    const ended = { type: "text.completed", ...this.#item } as const
    this.#item = null
    return [ended]
  }

  #emit(before: ReadonlyArray<ProviderRuntimeEvent>, event: ProviderRuntimeEvent): Writing {
    return before.length === 0
      ? this.#session.emit(event)
      : Effect.forEach([...before, event], (event) => this.#session.emit(event), { discard: true })
  }
}

const isId = /^[\x21-\x7e]{1,600}$/

const callId = (id: string): ToolCallId => {
  if (typeof id === "string" && isId.test(id)) return ToolCallId.make(id)
  throw new TypeError(
    `${JSON.stringify(id)} can't be a toolCallId: give printable ASCII characters without spaces.`
  )
}

const unknownOutput = (output: never): string =>
  `The runtime yielded ${JSON.stringify(output) ?? String(output)}, which is no output: yield text("…"), toolCall({…}) and the like.`
