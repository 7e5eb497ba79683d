/**
 * What to write after a fold: the rows of those things whose reference changed. The text of a message that is open, and what
 * an open tool call prints, are in the log and are written once, at the close.
 */
import type { MessageView, Part, ThreadView, TurnView } from "@spillway/contracts"
import type { PartialView } from "./PartialView.ts"
import { textOf, textPartsOf } from "./said.ts"
import { messageCountOf, pendingRequestsOf, previewOf } from "./summary.ts"
import type { MessageRow, Rows, ToolCallRow, TurnRow } from "./tables.ts"

/** Adds what changed from `before` to `view`, which is `before.view` with events folded in, and returns what `before` became. */
export const addChanges = (rows: Rows, before: PartialView, view: ThreadView): PartialView => {
  const { tenant } = before
  const turnIndexes = before.turnIndexes.slice()
  let { messageCount, pendingRequests, turnCount } = before
  for (const [i, turn] of view.turns.entries()) {
    const old = before.view.turns[i]
    if (turn === old) continue
    // A fold only ever adds turns behind the others.
    if (old === undefined) turnIndexes.push(turnCount++)
    messageCount += messageCountOf(turn) - (old === undefined ? 0 : messageCountOf(old))
    pendingRequests += pendingRequestsOf(turn) - (old === undefined ? 0 : pendingRequestsOf(old))
    addTurn(rows, { tenant, thread_id: view.threadId, turn_index: turnIndexes[i]! }, old, turn)
  }
  rows.thread.push({
    tenant,
    thread_id: view.threadId,
    version: view.version,
    status: view.status,
    title: view.title,
    metadata: before.view.version > 0 && view.metadata === before.view.metadata ? null : view.metadata,
    created_at: view.createdAt,
    updated_at: view.updatedAt,
    active_turn_id: view.activeTurnId,
    queue: view.queue,
    turn_count: turnCount,
    message_count: messageCount,
    pending_requests: pendingRequests
  })
  if (view.title !== null && view.title !== before.view.title) {
    rows.thread_title.push({
      tenant,
      thread_id: view.threadId,
      created_at: view.createdAt,
      title: view.title
    })
  }
  return { tenant, view, turnIndexes, turnCount, messageCount, pendingRequests }
}

type TurnKey = Pick<TurnRow, "tenant" | "thread_id" | "turn_index">

const addTurn = (rows: Rows, key: TurnKey, old: TurnView | undefined, turn: TurnView): void => {
  const row = turnRow(key, turn)
  if (old === undefined || differ(row, turnRow(key, old))) rows.turn.push(row)
  for (const [message_index, message] of turn.messages.entries()) {
    const oldMessage = old?.messages[message_index]
    if (message !== oldMessage) addMessage(rows, { ...key, message_index }, oldMessage, message)
  }
  for (const [step_index, step] of turn.steps.entries()) {
    if (step === old?.steps[step_index]) continue
    rows.step.push({
      ...key,
      step_index,
      step_id: step.stepId,
      status: step.status,
      usage: step.usage,
      finish_reason: step.finishReason,
      response_id: step.responseId
    })
  }
  for (const [request_index, request] of turn.requests.entries()) {
    if (request === old?.requests[request_index]) continue
    rows.request.push({
      ...key,
      request_index,
      request_id: request.requestId,
      step_id: request.stepId,
      tool_call_id: request.toolCallId,
      kind: request.kind,
      title: request.title,
      questions: request.questions,
      status: request.status,
      response: request.response,
      opened_at: request.openedAt
    })
  }
  for (const [activity_index, activity] of turn.activities.entries()) {
    if (old === undefined || activity_index >= old.activities.length) {
      rows.activity.push({ ...key, activity_index, activity })
    }
  }
}

type MessageKey = Pick<MessageRow, keyof TurnKey | "message_index">

const addMessage = (
  rows: Rows,
  key: MessageKey,
  old: MessageView | undefined,
  message: MessageView
): void => {
  const text = newText(old, message)
  const row = messageRow(key, message, text)
  if (old === undefined || text !== null || differ(row, messageRow(key, old, null))) rows.message.push(row)
  const closing = message.status !== "open" && old?.status === "open"
  for (const [part_index, part] of message.parts.entries()) {
    const oldPart = old?.parts[part_index]
    if (part.type === "tool-call") {
      if (part === oldPart) continue
      if (part.status === "open" && oldPart !== undefined) continue
      rows.tool_call.push(toolCallRow({ ...key, part_index }, part))
    } else if (message.status !== "open" && (closing || part !== oldPart)) {
      const isText = part.type === "text"
      rows.message_part.push({
        ...key,
        part_index,
        part_id: part.partId,
        type: part.type,
        text: isText ? null : part.text,
        text_length: isText ? part.text.length : null
      })
    }
  }
}

/** What the message says, if that is to be written: at its close. */
const newText = (old: MessageView | undefined, message: MessageView): string | null => {
  if (message.status === "open") return null
  const isWritten =
    old !== undefined &&
    old.status !== "open" &&
    textPartsOf(message).every((part) => old.parts.includes(part))
  return isWritten ? null : textOf(message)
}

const differ = <Row extends object>(a: Row, b: Row): boolean => {
  for (const column in a) if (a[column] !== b[column]) return true
  return false
}

const turnRow = (key: TurnKey, turn: TurnView): TurnRow => ({
  ...key,
  turn_id: turn.turnId,
  message_id: turn.messageId,
  status: turn.status,
  interrupt_requested: turn.interruptRequested,
  assistant_delivery_mode: turn.assistantDeliveryMode,
  choice: turn.choice,
  retry_of: turn.retryOf,
  retried_by: turn.retriedBy,
  reason: turn.reason,
  error: turn.error,
  requested_at: turn.requestedAt,
  started_at: turn.startedAt,
  placed_at_version: turn.placedAtVersion,
  ended_at: turn.endedAt,
  preview: previewOf(turn)
})

const messageRow = (key: MessageKey, message: MessageView, text: string | null): MessageRow => ({
  ...key,
  message_id: message.messageId,
  step_id: message.stepId,
  role: message.role,
  status: message.status,
  actor: message.actor,
  runtime: message.runtime,
  model: message.model,
  error: message.error,
  opened_at: message.openedAt,
  opened_at_version: message.openedAtVersion,
  closed_at: message.closedAt,
  text
})

type PartKey = Pick<ToolCallRow, keyof MessageKey | "part_index">

const toolCallRow = (key: PartKey, call: Extract<Part, { type: "tool-call" }>): ToolCallRow => ({
  ...key,
  part_id: call.partId,
  tool_call_id: call.toolCallId,
  name: call.name,
  input: call.input,
  input_truncated: call.inputTruncated,
  provider_executed: call.providerExecuted,
  status: call.status,
  output: call.status === "open" ? "" : call.output,
  output_truncated: call.status !== "open" && call.outputTruncated,
  result: call.result,
  result_truncated: call.resultTruncated,
  error: call.error,
  closed_at_version: call.closedAtVersion
})
