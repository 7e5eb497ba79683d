/**
 * What the read models' tables must hold of a thread, said of its whole view: the rule that `spillway projections check` goes by.
 * On purpose it shares nothing with what projections write, neither the SQL nor the way from a view to rows; only the fold is the
 * same, since that is what the tables must be equal to.
 */
import type { MessageView, TenantId, ThreadView, TurnView } from "@spillway/contracts"

/** As Postgres prints the column; what is JSON is text there, too. */
type Text = string | null

/** A row by its columns; those that make up its key come first. */
export type FoldedRow = Readonly<Record<string, Text>>

export interface FoldedTable {
  readonly name: string
  /** After tenant and thread. */
  readonly key: ReadonlyArray<string>
  /** All of its columns, but for the key's, the tenant's and the thread's. */
  readonly columns: ReadonlyArray<string>
  /** Where `columns` are of type double precision, which is compared by value. */
  readonly numbers: ReadonlySet<string>
  readonly rows: (tenant: TenantId, view: ThreadView) => ReadonlyArray<FoldedRow>
}

type Value = string | number | boolean | null
type Columns<Of> = Readonly<Record<string, (of: Of) => Value>>

const json = (value: unknown): Text => (value === null ? null : JSON.stringify(value))
const text = (value: Value): Text => (value === null ? null : String(value))

const folded = <Of>(
  name: string,
  parts: (view: ThreadView) => ReadonlyArray<Of>,
  key: Columns<Of>,
  columns: Columns<Of>,
  numbers: ReadonlyArray<string> = []
): FoldedTable => {
  const all = Object.entries({ ...key, ...columns })
  return {
    name,
    key: Object.keys(key),
    columns: Object.keys(columns),
    numbers: new Set(numbers),
    rows: (tenant, view) =>
      parts(view).map((part) => ({
        tenant,
        thread_id: view.threadId,
        ...Object.fromEntries(all.map(([column, of]) => [column, text(of(part))]))
      }))
  }
}

// ---- what a thread is made of, with the place of each thing in its list ---------------------------------------------------

interface InTurn {
  readonly turn: TurnView
  readonly turnIndex: number
}

const turnsOf = (view: ThreadView): ReadonlyArray<InTurn> =>
  view.turns.map((turn, turnIndex) => ({ turn, turnIndex }))

const eachTurn =
  <A>(of: (turn: TurnView) => ReadonlyArray<A>) =>
  (view: ThreadView) =>
    turnsOf(view).flatMap(({ turn, turnIndex }) =>
      of(turn).map((item, index) => ({ turn, turnIndex, item, index }))
    )

const messagesOf = eachTurn((turn) => turn.messages)

const partsOf = (view: ThreadView) =>
  messagesOf(view).flatMap(({ index: messageIndex, item: message, turnIndex }) =>
    message.parts.map((part, partIndex) => ({ turnIndex, messageIndex, message, part, partIndex }))
  )

const textPartsOf = (view: ThreadView) =>
  partsOf(view).flatMap(({ part, ...place }) =>
    part.type !== "tool-call" && place.message.status !== "open" ? [{ ...place, part }] : []
  )

const toolCallsOf = (view: ThreadView) =>
  partsOf(view).flatMap(({ part, ...place }) => (part.type === "tool-call" ? [{ ...place, part }] : []))

// ---- what they come to -----------------------------------------------------------------------------------------------------

/** What a message says, `null` while it may say more. */
export const saidBy = (message: MessageView): Text => {
  if (message.status === "open") return null
  return message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n")
}

/** An attempt that was retried shows nothing; a system's words and a message that stayed empty are never shown. */
const shownIn = (turn: TurnView): ReadonlyArray<MessageView> =>
  turn.retriedBy === null
    ? turn.messages.filter(({ role, status }) => role !== "system" && status !== "discarded")
    : []

/** At most 200 code units of what was said last, whole characters. */
const previewOf = (turn: TurnView): string => {
  const said = shownIn(turn)
    .map((message) => (saidBy(message) ?? "").trim())
    .findLast((words) => words !== "")
  if (said === undefined || said.length <= 200) return said ?? ""
  const first = said.slice(0, 200)
  return /[\uD800-\uDBFF]$/.test(first) ? first.slice(0, -1) : first
}

const total = (numbers: ReadonlyArray<number>): number => numbers.reduce((sum, number) => sum + number, 0)

const inTurn = { turn_index: ({ turnIndex }: { readonly turnIndex: number }) => turnIndex }

const inMessage = {
  ...inTurn,
  message_index: ({ messageIndex }: { readonly messageIndex: number }) => messageIndex,
  part_index: ({ partIndex }: { readonly partIndex: number }) => partIndex
}

export const foldedTables: ReadonlyArray<FoldedTable> = [
  folded(
    "thread",
    (view) => [view],
    {},
    {
      version: (view) => view.version,
      status: (view) => view.status,
      title: (view) => view.title,
      metadata: (view) => json(view.metadata),
      created_at: (view) => view.createdAt,
      updated_at: (view) => view.updatedAt,
      updated_hour: (view) => view.updatedAt.slice(0, "2026-11-20T12".length),
      active_turn_id: (view) => view.activeTurnId,
      queue: (view) => json(view.queue),
      turn_count: (view) => view.turns.length,
      message_count: (view) => total(view.turns.map((turn) => shownIn(turn).length)),
      pending_requests: (view) =>
        total(view.turns.map((turn) => turn.requests.filter(({ status }) => status === "pending").length))
    }
  ),
  folded(
    "thread_title",
    (view) => (view.title === null ? [] : [{ title: view.title, createdAt: view.createdAt }]),
    {},
    { title: ({ title }) => title, created_at: ({ createdAt }) => createdAt }
  ),
  folded("turn", turnsOf, inTurn, {
    turn_id: ({ turn }) => turn.turnId,
    message_id: ({ turn }) => turn.messageId,
    status: ({ turn }) => turn.status,
    interrupt_requested: ({ turn }) => turn.interruptRequested,
    assistant_delivery_mode: ({ turn }) => turn.assistantDeliveryMode,
    choice: ({ turn }) => json(turn.choice),
    retry_of: ({ turn }) => turn.retryOf,
    retried_by: ({ turn }) => turn.retriedBy,
    reason: ({ turn }) => turn.reason,
    error: ({ turn }) => json(turn.error),
    requested_at: ({ turn }) => turn.requestedAt,
    started_at: ({ turn }) => turn.startedAt,
    placed_at_version: ({ turn }) => turn.placedAtVersion,
    ended_at: ({ turn }) => turn.endedAt,
    preview: ({ turn }) => previewOf(turn)
  }),
  folded(
    "message",
    messagesOf,
    { ...inTurn, message_index: ({ index }) => index },
    {
      message_id: ({ item }) => item.messageId,
      step_id: ({ item }) => item.stepId,
      role: ({ item }) => item.role,
      status: ({ item }) => item.status,
      actor: ({ item }) => item.actor,
      runtime: ({ item }) => item.runtime,
      model: ({ item }) => item.model,
      error: ({ item }) => json(item.error),
      opened_at: ({ item }) => item.openedAt,
      opened_at_version: ({ item }) => item.openedAtVersion,
      closed_at: ({ item }) => item.closedAt,
      text: ({ item }) => saidBy(item)
    }
  ),
  folded("message_part", textPartsOf, inMessage, {
    part_id: ({ part }) => part.partId,
    type: ({ part }) => part.type,
    text: ({ part }) => (part.type === "reasoning" ? part.text : null),
    text_length: ({ part }) => (part.type === "text" ? part.text.length : null)
  }),
  folded("tool_call", toolCallsOf, inMessage, {
    part_id: ({ part }) => part.partId,
    tool_call_id: ({ part }) => part.toolCallId,
    name: ({ part }) => part.name,
    input: ({ part }) => json(part.input),
    input_truncated: ({ part }) => part.inputTruncated,
    provider_executed: ({ part }) => part.providerExecuted,
    status: ({ part }) => part.status,
    output: ({ part }) => (part.status === "open" ? "" : part.output),
    output_truncated: ({ part }) => part.status !== "open" && part.outputTruncated,
    result: ({ part }) => json(part.result),
    result_truncated: ({ part }) => part.resultTruncated,
    error: ({ part }) => json(part.error),
    closed_at_version: ({ part }) => part.closedAtVersion
  }),
  folded(
    "step",
    eachTurn((turn) => turn.steps),
    { ...inTurn, step_index: ({ index }) => index },
    {
      step_id: ({ item }) => item.stepId,
      status: ({ item }) => item.status,
      usage: ({ item }) => json(item.usage),
      input_tokens: ({ item }) => item.usage.inputTokens ?? null,
      output_tokens: ({ item }) => item.usage.outputTokens ?? null,
      total_tokens: ({ item }) => item.usage.totalTokens ?? null,
      reasoning_tokens: ({ item }) => item.usage.reasoningTokens ?? null,
      cached_input_tokens: ({ item }) => item.usage.cachedInputTokens ?? null,
      finish_reason: ({ item }) => item.finishReason,
      response_id: ({ item }) => item.responseId
    },
    ["input_tokens", "output_tokens", "total_tokens", "reasoning_tokens", "cached_input_tokens"]
  ),
  folded(
    "request",
    eachTurn((turn) => turn.requests),
    { ...inTurn, request_index: ({ index }) => index },
    {
      request_id: ({ item }) => item.requestId,
      step_id: ({ item }) => item.stepId,
      tool_call_id: ({ item }) => item.toolCallId,
      kind: ({ item }) => item.kind,
      title: ({ item }) => item.title,
      questions: ({ item }) => json(item.questions),
      status: ({ item }) => item.status,
      response: ({ item }) => json(item.response),
      opened_at: ({ item }) => item.openedAt
    }
  ),
  folded(
    "activity",
    eachTurn((turn) => turn.activities),
    { ...inTurn, activity_index: ({ index }) => index },
    { activity: ({ item }) => json(item) }
  )
]
