/**
 * Translates the parts of one `streamText` call into runtime events. It knows no session and does no I/O: parts go in, events come
 * out, and what the answer amounts to stands in `answer`.
 */
import type { Failure, ProviderRuntimeEvent, ToolCallId, Usage } from "@spillway/contracts"
import type { FinishReason, TextStreamPart, ToolSet } from "ai"
import type { Schema } from "effect"
import { asJson } from "../json.ts"
import { failureOf } from "./failure.ts"
import { usageOf } from "./usage.ts"

export type Part = TextStreamPart<ToolSet>

export interface SeenToolCall {
  readonly toolCallId: ToolCallId
  /** The provider's own name for it, by which it wants its result. */
  readonly providerCallId: string
  readonly name: string
  /** As the tool is given it. */
  readonly input: unknown
  readonly providerExecuted: boolean
  /** Its tool is unknown, or its input does not fit: the SDK has answered it with an error already. */
  readonly invalid: boolean
  closed: boolean
}

/** A provider's question whether its own tool may run. */
export interface ProviderApproval {
  readonly approvalId: string
  readonly call: SeenToolCall
}

/** What a model call amounts to so far. */
export interface Answer {
  readonly calls: ReadonlyArray<SeenToolCall>
  readonly approvals: ReadonlyArray<ProviderApproval>
  /** The provider's own account at the end, `undefined` where the answer broke off. */
  readonly finish:
    | { readonly reason: FinishReason; readonly raw: string | undefined; readonly usage: Usage }
    | undefined
  /** The first thing that went wrong. */
  readonly failure: Failure | undefined
}

export interface Translation {
  readonly take: (part: Part) => ReadonlyArray<ProviderRuntimeEvent>
  /** The stream broke off with this. */
  readonly fail: (error: unknown) => void
  readonly answer: Answer
}

export interface TranslationOptions {
  /** Set before the SDK's own part ids, which begin anew with each call. */
  readonly itemPrefix: string
  readonly nameCall: (providerCallId: string) => ToolCallId
  /** Calls of earlier steps that the provider runs and that have no result yet. */
  readonly openCalls: ReadonlyArray<SeenToolCall>
}

export const makeTranslation = (options: TranslationOptions): Translation => {
  /** Calls whose input is still being written. */
  const coming = new Map<string, { readonly toolCallId: ToolCallId; readonly name: string }>()
  /** Texts that are being written, and those that have ended, by the SDK's ids. */
  const open = new Set<string>()
  const ended = new Map<string, number>()
  const calls: Array<SeenToolCall> = []
  const approvals: Array<ProviderApproval> = []
  const answer: { -readonly [K in keyof Answer]: Answer[K] } = {
    calls,
    approvals,
    finish: undefined,
    failure: undefined
  }

  /** The call that a result belongs to: the last of that id, for ids repeat. */
  const callOf = (providerCallId: string) =>
    [...options.openCalls, ...calls].findLast((call) => call.providerCallId === providerCallId)

  /** An id that comes again names another text. The SDK sees to that itself, but for answers in which a text's beginning is missing. */
  const text = (kind: "text" | "reasoning", id: string) => {
    const key = `${kind}.${id}`
    const before = ended.get(key) ?? 0
    return { key, item: { itemId: `${options.itemPrefix}.${key}${before === 0 ? "" : `.${before}`}`, kind } }
  }

  const endText = (kind: "text" | "reasoning", id: string): ReadonlyArray<ProviderRuntimeEvent> => {
    const { item, key } = text(kind, id)
    if (!open.delete(key)) return []
    ended.set(key, (ended.get(key) ?? 0) + 1)
    return [{ type: "text.completed", ...item }]
  }

  const close = (
    providerCallId: string,
    outcome:
      | { readonly status: "completed"; readonly result: Schema.Json }
      | { readonly status: "error"; readonly error: Failure }
  ): ReadonlyArray<ProviderRuntimeEvent> => {
    const call = callOf(providerCallId)
    if (call === undefined) return []
    call.closed = true
    return [{ type: "tool-call.completed", toolCallId: call.toolCallId, ...outcome }]
  }

  const fail = (error: unknown) => {
    answer.failure ??= failureOf(error)
  }

  const take = (part: Part): ReadonlyArray<ProviderRuntimeEvent> => {
    switch (part.type) {
      case "text-start":
      case "text-end":
        return endText("text", part.id)
      case "reasoning-start":
      case "reasoning-end":
        return endText("reasoning", part.id)
      case "text-delta":
      case "reasoning-delta": {
        if (part.text === "") return []
        const { item, key } = text(part.type === "text-delta" ? "text" : "reasoning", part.id)
        open.add(key)
        return [{ type: "text.delta", ...item, delta: part.text }]
      }
      case "tool-input-start":
        coming.set(part.id, { toolCallId: options.nameCall(part.id), name: part.toolName })
        return []
      case "tool-input-delta": {
        const call = coming.get(part.id)
        if (call === undefined || part.delta === "") return []
        return [{ type: "tool-call.input-delta", ...call, delta: part.delta }]
      }
      case "tool-call": {
        const call: SeenToolCall = {
          toolCallId: coming.get(part.toolCallId)?.toolCallId ?? options.nameCall(part.toolCallId),
          providerCallId: part.toolCallId,
          name: part.toolName,
          input: part.input,
          providerExecuted: part.providerExecuted === true,
          invalid: part.invalid === true,
          closed: false
        }
        coming.delete(part.toolCallId)
        calls.push(call)
        const { name, providerExecuted, toolCallId } = call
        return [{ type: "tool-call.started", toolCallId, name, input: asJson(part.input), providerExecuted }]
      }
      case "tool-result":
        return part.preliminary === true
          ? []
          : close(part.toolCallId, { status: "completed", result: asJson(part.output) })
      case "tool-error":
        return close(part.toolCallId, { status: "error", error: toolFailure(part.error) })
      case "tool-approval-request": {
        const call = callOf(part.toolCall.toolCallId)
        if (call !== undefined) approvals.push({ approvalId: part.approvalId, call })
        return []
      }
      case "file":
      case "reasoning-file":
        return [
          {
            type: "notice",
            level: "warning",
            text: `The model gave a file (${part.file.mediaType}). Files are not kept.`
          }
        ]
      case "error":
        fail(part.error)
        return []
      case "finish-step":
        answer.finish = { reason: part.finishReason, raw: part.rawFinishReason, usage: usageOf(part.usage) }
        return []
      default:
        return []
    }
  }

  return { take, fail, answer }
}

const toolFailure = (error: unknown): Failure => ({
  code: "ToolCallFailed",
  message:
    error instanceof Error ? error.message : typeof error === "string" ? error : JSON.stringify(asJson(error))
})
