/** Rows back into turns, as the fold had them: the same keys in the same order. */
import type {
  Activity,
  MessageView,
  Part,
  RequestView,
  StepView,
  TextPart,
  ToolCallPart,
  TurnId,
  TurnView
} from "@spillway/contracts"
import type { MessageRow, RequestRow, Rows, StepRow, TextPartRow, ToolCallRow, TurnRow } from "./tables.ts"

export interface StoredTurn {
  readonly turnIndex: number
  readonly turn: TurnView
}

/**
 * The turns of one thread, in order, from all of their rows, which may come in any order. What an open message holds is not
 * in the tables: see `openMessages.ts`.
 */
export const assembleTurns = (rows: Rows): ReadonlyArray<StoredTurn> => {
  const lists = new Map(rows.turn.map((row) => [row.turn_index, new Lists(row.turn_id)]))
  const of = (row: { readonly turn_index: number }) => lists.get(row.turn_index)!
  for (const row of rows.message) {
    of(row).messages[row.message_index] = messageOf(row, of(row))
    of(row).texts[row.message_index] = row.text ?? ""
  }
  for (const row of rows.message_part.toSorted((a, b) => a.part_index - b.part_index)) {
    of(row).parts(row.message_index)[row.part_index] = textPartOf(row, of(row))
  }
  for (const row of rows.tool_call) of(row).parts(row.message_index)[row.part_index] = toolCallOf(row)
  for (const row of rows.step) of(row).steps[row.step_index] = stepOf(row)
  for (const row of rows.request) of(row).requests[row.request_index] = requestOf(row, of(row).turnId)
  for (const row of rows.activity) of(row).activities[row.activity_index] = row.activity
  return rows.turn
    .toSorted((a, b) => a.turn_index - b.turn_index)
    .map((row) => ({ turnIndex: row.turn_index, turn: turnOf(row, of(row)) }))
}

class Lists {
  readonly turnId: TurnId
  readonly messages: Array<MessageView> = []
  readonly steps: Array<StepView> = []
  readonly requests: Array<RequestView> = []
  readonly activities: Array<Activity> = []
  /** Of each message, what its `text` parts have not taken yet. */
  readonly texts: Array<string> = []
  private readonly partsOf: Array<Array<Part>> = []

  constructor(turnId: TurnId) {
    this.turnId = turnId
  }

  parts(messageIndex: number): Array<Part> {
    return (this.partsOf[messageIndex] ??= [])
  }

  /** The next piece of the message's text; a line break stands between two. */
  takeText(messageIndex: number, length: number): string {
    const text = this.texts[messageIndex]!
    this.texts[messageIndex] = text.slice(length + 1)
    return text.slice(0, length)
  }
}

const turnOf = (row: TurnRow, lists: Lists): TurnView => ({
  turnId: row.turn_id,
  messageId: row.message_id,
  status: row.status,
  interruptRequested: row.interrupt_requested,
  assistantDeliveryMode: row.assistant_delivery_mode,
  choice: row.choice,
  retryOf: row.retry_of,
  retriedBy: row.retried_by,
  reason: row.reason,
  error: row.error,
  requestedAt: row.requested_at,
  startedAt: row.started_at,
  placedAtVersion: row.placed_at_version,
  endedAt: row.ended_at,
  messages: lists.messages,
  steps: lists.steps,
  requests: lists.requests,
  activities: lists.activities
})

const messageOf = (row: MessageRow, lists: Lists): MessageView => ({
  messageId: row.message_id,
  turnId: lists.turnId,
  stepId: row.step_id,
  role: row.role,
  status: row.status,
  actor: row.actor,
  runtime: row.runtime,
  model: row.model,
  parts: lists.parts(row.message_index),
  error: row.error,
  openedAt: row.opened_at,
  openedAtVersion: row.opened_at_version,
  closedAt: row.closed_at
})

const textPartOf = (row: TextPartRow, lists: Lists): TextPart => ({
  type: row.type,
  partId: row.part_id,
  text: row.text ?? lists.takeText(row.message_index, row.text_length!)
})

const toolCallOf = (row: ToolCallRow): ToolCallPart => ({
  type: "tool-call",
  partId: row.part_id,
  toolCallId: row.tool_call_id,
  name: row.name,
  input: row.input,
  inputTruncated: row.input_truncated,
  providerExecuted: row.provider_executed,
  status: row.status,
  output: row.output,
  outputTruncated: row.output_truncated,
  result: row.result,
  resultTruncated: row.result_truncated,
  error: row.error,
  closedAtVersion: row.closed_at_version
})

const stepOf = (row: StepRow): StepView => ({
  stepId: row.step_id,
  status: row.status,
  usage: row.usage,
  finishReason: row.finish_reason,
  responseId: row.response_id
})

const requestOf = (row: RequestRow, turnId: TurnId): RequestView => ({
  requestId: row.request_id,
  turnId,
  stepId: row.step_id,
  toolCallId: row.tool_call_id,
  kind: row.kind,
  title: row.title,
  questions: row.questions,
  status: row.status,
  response: row.response,
  openedAt: row.opened_at
})
