import { createAnthropic } from "@ai-sdk/anthropic"
import { createGoogle } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { jsonSchema, streamText, tool } from "ai"
import type { LanguageModel, ModelMessage, TextStreamPart, ToolSet } from "ai"
import type { Conversation } from "./readFolder.ts"
import { toolNames } from "./toolNames.ts"

interface SeenToolCall {
  readonly toolCallId: string
  readonly name: string
  readonly input: unknown
  readonly providerExecuted: boolean
  /** The SDK could not parse or place the call; `input` is then whatever it made of it. */
  readonly invalid: boolean
  /** A result that is not an error came, from the stub or from the provider. */
  completed: boolean
}

interface SeenText {
  readonly kind: "text" | "reasoning"
  readonly id: string
  text: string
  ended: boolean
}

interface SeenStep {
  /** In the order in which they began. Two may be written at once, and ids come again. */
  readonly texts: Array<SeenText>
  readonly toolCalls: Array<SeenToolCall>
  usage?: Record<string, number>
  finishReason?: string
}

interface SeenTurn {
  readonly steps: Array<SeenStep>
  readonly errors: Array<string>
  failed: boolean
}

const newStep = (): SeenStep => ({ texts: [], toolCalls: [] })

const textOf = ({ texts }: SeenStep, kind: SeenText["kind"]): string =>
  texts.map((text) => (text.kind === kind ? text.text : "")).join("")

const partOf = (step: SeenStep, kind: SeenText["kind"], id: string): SeenText | undefined =>
  step.texts.findLast((text) => text.kind === kind && text.id === id && !text.ended)

const writeText = (
  step: SeenStep,
  kind: SeenText["kind"],
  { id, text }: { readonly id: string; readonly text: string }
): void => {
  const begun = partOf(step, kind, id)
  if (begun !== undefined) begun.text += text
  else if (text !== "") step.texts.push({ kind, id, text, ended: false })
}

const endText = (step: SeenStep, kind: SeenText["kind"], id: string): void => {
  const text = partOf(step, kind, id)
  if (text !== undefined) text.ended = true
}

/**
 * Reads a conversation's answers with the AI SDK alone. A turn goes on while the SDK's own loop would (every client tool
 * call of the step has an outcome), or while the provider asks for an approval, which is given. It ends with the step in
 * which an error was seen, or with the last answer. What is left of the conversation after that is a next turn's.
 */
export const play = async (conversation: Conversation) => {
  let served = 0
  const answer: typeof fetch = async () => {
    const next = conversation.answers[served++]
    if (next === undefined) throw new Error("A model call came after the last recorded answer.")
    return new Response(Uint8Array.from(next.body), {
      status: next.status,
      headers: { "content-type": next.contentType }
    })
  }
  const model = modelFor(conversation.api, answer)
  const tools = stubs(toolNames(conversation.answers.map(({ body }) => new TextDecoder().decode(body))))
  const turns: Array<SeenTurn> = []
  while (served < conversation.answers.length) {
    const before = served
    const turn: SeenTurn = { steps: [], errors: [], failed: false }
    turns.push(turn)
    let messages: ReadonlyArray<ModelMessage> | undefined = [{ role: "user", content: "Go on." }]
    while (messages !== undefined) {
      messages = await run(model, tools, messages, turn, () => conversation.answers.length - served)
    }
    while (turn.steps.length < served - before) turn.steps.push(newStep())
    if (served === before) break
  }
  return {
    id: conversation.id,
    calls: served,
    turns: turns.map(({ errors, failed, steps }) => ({
      failed,
      errors,
      steps: steps.map((step) => {
        const { texts: _, ...rest } = step
        return { text: textOf(step, "text"), reasoning: textOf(step, "reasoning"), ...rest }
      })
    }))
  }
}

/** One `streamText`; returns the messages to go on with where it stopped for approvals only. */
const run = async (
  model: LanguageModel,
  tools: ToolSet,
  messages: ReadonlyArray<ModelMessage>,
  turn: SeenTurn,
  left: () => number
): Promise<ReadonlyArray<ModelMessage> | undefined> => {
  const approvals: Array<string> = []
  let sawError = false
  const fail = (error: unknown) => {
    sawError = true
    turn.failed = true
    turn.errors.push(error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error))
  }
  try {
    const result = streamText({
      model,
      tools,
      messages: [...messages],
      maxRetries: 0,
      stopWhen: () => sawError || left() === 0,
      onError: () => {
        sawError = true
      }
    })
    let step: SeenStep | undefined
    for await (const part of result.fullStream) {
      if (part.type === "start-step") turn.steps.push((step = newStep()))
      else if (part.type === "error") fail(part.error)
      else if (part.type === "tool-approval-request") approvals.push(part.approvalId)
      else if (step !== undefined) take(part, step, turn)
    }
    if (turn.failed || approvals.length === 0 || left() === 0) return undefined
    const { messages: said } = await result.response
    const content = approvals.map(
      (approvalId) => ({ type: "tool-approval-response", approvalId, approved: true }) as const
    )
    return [...messages, ...said, { role: "tool", content }]
  } catch (error) {
    fail(error)
    return undefined
  }
}

const take = (part: TextStreamPart<ToolSet>, step: SeenStep, turn: SeenTurn): void => {
  switch (part.type) {
    case "text-start":
      endText(step, "text", part.id)
      return
    case "reasoning-start":
      endText(step, "reasoning", part.id)
      return
    case "text-end":
      endText(step, "text", part.id)
      return
    case "reasoning-end":
      endText(step, "reasoning", part.id)
      return
    case "text-delta":
      writeText(step, "text", part)
      return
    case "reasoning-delta":
      writeText(step, "reasoning", part)
      return
    case "tool-call":
      step.toolCalls.push({
        toolCallId: part.toolCallId,
        name: part.toolName,
        input: part.input ?? null,
        providerExecuted: part.providerExecuted === true,
        invalid: part.invalid === true,
        completed: false
      })
      return
    case "tool-result": {
      if (part.preliminary === true) return
      const calls = turn.steps.flatMap(({ toolCalls }) => toolCalls)
      const call = calls.findLast(({ toolCallId }) => toolCallId === part.toolCallId)
      if (call !== undefined) call.completed = true
      return
    }
    case "finish-step":
      step.finishReason = part.finishReason
      step.usage = counts({
        inputTokens: part.usage.inputTokens,
        outputTokens: part.usage.outputTokens,
        totalTokens: part.usage.totalTokens,
        reasoningTokens: part.usage.outputTokenDetails.reasoningTokens,
        cachedInputTokens: part.usage.inputTokenDetails.cacheReadTokens
      })
      return
    default:
      return
  }
}

const counts = (usage: Record<string, number | undefined>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(usage).filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
  )

const stubs = (names: ReadonlyArray<string>): ToolSet =>
  Object.fromEntries(
    names.map((name) => [
      name,
      tool({ inputSchema: jsonSchema<unknown>({ type: "object" }), execute: async () => ({ stub: name }) })
    ])
  )

const modelFor = (api: string, answer: typeof fetch): LanguageModel => {
  const settings = { apiKey: "none", baseURL: "http://recorded.invalid/v1", fetch: answer }
  switch (api) {
    case "openai-chat":
      return createOpenAICompatible({ ...settings, name: "recorded" }).chatModel("recorded")
    case "openai-responses":
      return createOpenAI(settings).responses("recorded")
    case "anthropic-messages":
      return createAnthropic(settings).messages("recorded")
    case "google-genai":
      return createGoogle(settings).chat("recorded")
    default:
      throw new Error(`No model reads ${api}.`)
  }
}
