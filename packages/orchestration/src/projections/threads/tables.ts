/**
 * The tables of the thread read models. `*_index` is the place of a thing in its list, from 0: of a turn in its thread, of
 * a message in its turn, of a part in its message. JSON columns hold what no query asks for, as the events carried it.
 */
import type {
  Activity,
  MessageView,
  RequestView,
  StepView,
  TenantId,
  TextPart,
  ThreadId,
  ThreadView,
  ToolCallPart,
  TurnView
} from "@spillway/contracts"
import { given, key, once, type RowOf, table, update } from "../Table.ts"

interface ThreadKey {
  readonly tenant: TenantId
  readonly thread_id: ThreadId
}

interface TurnKey extends ThreadKey {
  readonly turn_index: number
}

interface MessageKey extends TurnKey {
  readonly message_index: number
}

interface PartKey extends MessageKey {
  readonly part_index: number
}

const threadKey = { tenant: key("text"), thread_id: key("text") }
const turnKey = { ...threadKey, turn_index: key("int") }
const messageKey = { ...turnKey, message_index: key("int") }
const partKey = { ...messageKey, part_index: key("int") }

export interface ThreadRow extends ThreadKey {
  readonly version: ThreadView["version"]
  readonly status: ThreadView["status"]
  readonly title: ThreadView["title"]
  /** `null` when written: as it was. */
  readonly metadata: ThreadView["metadata"] | null
  readonly created_at: ThreadView["createdAt"]
  readonly updated_at: ThreadView["updatedAt"]
  readonly active_turn_id: ThreadView["activeTurnId"]
  readonly queue: ThreadView["queue"]
  readonly turn_count: number
  readonly message_count: number
  readonly pending_requests: number
}

const threadTable = table<ThreadRow>("thread", {
  ...threadKey,
  version: update("int"),
  status: update("text"),
  title: update("text"),
  metadata: given("json"),
  created_at: update("text"),
  updated_at: update("text"),
  active_turn_id: update("text"),
  queue: update("json"),
  turn_count: update("int"),
  message_count: update("int"),
  pending_requests: update("int")
})

export interface TitleRow extends ThreadKey {
  readonly created_at: ThreadView["createdAt"]
  readonly title: string
}

/** Titles once more, to be searched. */
const titleTable = table<TitleRow>("thread_title", {
  ...threadKey,
  created_at: update("text"),
  title: update("text")
})

export interface TurnRow extends TurnKey {
  readonly turn_id: TurnView["turnId"]
  readonly message_id: TurnView["messageId"]
  readonly status: TurnView["status"]
  readonly interrupt_requested: TurnView["interruptRequested"]
  readonly assistant_delivery_mode: TurnView["assistantDeliveryMode"]
  readonly choice: TurnView["choice"]
  readonly retry_of: TurnView["retryOf"]
  readonly retried_by: TurnView["retriedBy"]
  readonly reason: TurnView["reason"]
  readonly error: TurnView["error"]
  readonly requested_at: TurnView["requestedAt"]
  readonly started_at: TurnView["startedAt"]
  readonly placed_at_version: TurnView["placedAtVersion"]
  readonly ended_at: TurnView["endedAt"]
  readonly preview: string
}

const turnTable = table<TurnRow>("turn", {
  ...turnKey,
  turn_id: once("text"),
  message_id: once("text"),
  status: update("text"),
  interrupt_requested: update("boolean"),
  assistant_delivery_mode: once("text"),
  choice: once("json"),
  retry_of: once("text"),
  retried_by: update("text"),
  reason: update("text"),
  error: update("json"),
  requested_at: once("text"),
  started_at: update("text"),
  placed_at_version: update("int"),
  ended_at: update("text"),
  preview: update("text")
})

export interface MessageRow extends MessageKey {
  readonly message_id: MessageView["messageId"]
  readonly step_id: MessageView["stepId"]
  readonly role: MessageView["role"]
  readonly status: MessageView["status"]
  readonly actor: MessageView["actor"]
  readonly runtime: MessageView["runtime"]
  readonly model: MessageView["model"]
  readonly error: MessageView["error"]
  readonly opened_at: MessageView["openedAt"]
  readonly opened_at_version: MessageView["openedAtVersion"]
  readonly closed_at: MessageView["closedAt"]
  /** All of its text once it is closed, a line break between its parts. `null` when written: as it was. */
  readonly text: string | null
}

const messageTable = table<MessageRow>("message", {
  ...messageKey,
  message_id: once("text"),
  step_id: once("text"),
  role: once("text"),
  status: update("text"),
  actor: once("text"),
  runtime: once("text"),
  model: update("text"),
  error: update("json"),
  opened_at: once("text"),
  opened_at_version: once("int"),
  closed_at: update("text"),
  text: given("text")
})

export interface TextPartRow extends PartKey {
  readonly part_id: TextPart["partId"]
  readonly type: TextPart["type"]
  /** Of reasoning. A `text` part's is a piece of its message's. */
  readonly text: string | null
  /** Of a `text` part: how long its piece is, in UTF-16 code units. */
  readonly text_length: number | null
}

/** Text and reasoning of messages that are closed. */
const textPartTable = table<TextPartRow>("message_part", {
  ...partKey,
  part_id: once("text"),
  type: once("text"),
  text: update("text"),
  text_length: update("int")
})

export interface ToolCallRow extends PartKey {
  readonly part_id: ToolCallPart["partId"]
  readonly tool_call_id: ToolCallPart["toolCallId"]
  readonly name: ToolCallPart["name"]
  readonly input: ToolCallPart["input"]
  readonly input_truncated: ToolCallPart["inputTruncated"]
  readonly provider_executed: ToolCallPart["providerExecuted"]
  readonly status: ToolCallPart["status"]
  readonly output: ToolCallPart["output"]
  readonly output_truncated: ToolCallPart["outputTruncated"]
  readonly result: ToolCallPart["result"]
  readonly result_truncated: ToolCallPart["resultTruncated"]
  readonly error: ToolCallPart["error"]
  readonly closed_at_version: ToolCallPart["closedAtVersion"]
}

/** A tool call is a part of its message; what it prints is here once it is closed. */
const toolCallTable = table<ToolCallRow>("tool_call", {
  ...partKey,
  part_id: once("text"),
  tool_call_id: once("text"),
  name: once("text"),
  input: once("json"),
  input_truncated: once("boolean"),
  provider_executed: once("boolean"),
  status: update("text"),
  output: update("text"),
  output_truncated: update("boolean"),
  result: update("json"),
  result_truncated: update("boolean"),
  error: update("json"),
  closed_at_version: update("int")
})

export interface StepRow extends TurnKey {
  readonly step_index: number
  readonly step_id: StepView["stepId"]
  readonly status: StepView["status"]
  readonly usage: StepView["usage"]
  readonly finish_reason: StepView["finishReason"]
  readonly response_id: StepView["responseId"]
}

const stepTable = table<StepRow>("step", {
  ...turnKey,
  step_index: key("int"),
  step_id: once("text"),
  status: update("text"),
  usage: update("json"),
  finish_reason: update("text"),
  response_id: update("text")
})

export interface RequestRow extends TurnKey {
  readonly request_index: number
  readonly request_id: RequestView["requestId"]
  readonly step_id: RequestView["stepId"]
  readonly tool_call_id: RequestView["toolCallId"]
  readonly kind: RequestView["kind"]
  readonly title: RequestView["title"]
  readonly questions: RequestView["questions"]
  readonly status: RequestView["status"]
  readonly response: RequestView["response"]
  readonly opened_at: RequestView["openedAt"]
}

const requestTable = table<RequestRow>("request", {
  ...turnKey,
  request_index: key("int"),
  request_id: once("text"),
  step_id: once("text"),
  tool_call_id: once("text"),
  kind: once("text"),
  title: once("text"),
  questions: once("json"),
  status: update("text"),
  response: update("json"),
  opened_at: once("text")
})

export interface ActivityRow extends TurnKey {
  readonly activity_index: number
  readonly activity: Activity
}

const activityTable = table<ActivityRow>("activity", {
  ...turnKey,
  activity_index: key("int"),
  activity: once("json")
})

/** The tables that hold what a thread's turns are made of. */
export const turnTables = {
  turn: turnTable,
  message: messageTable,
  message_part: textPartTable,
  tool_call: toolCallTable,
  step: stepTable,
  request: requestTable,
  activity: activityTable
} as const

/** The thread read models, by the names of their tables. */
export const threadTables = { thread: threadTable, thread_title: titleTable, ...turnTables } as const

/** Rows of these tables, of any number of threads. */
export type Rows = { readonly [Name in keyof typeof threadTables]: Array<RowOf<(typeof threadTables)[Name]>> }

export const noRows = (): Rows => ({
  thread: [],
  thread_title: [],
  turn: [],
  message: [],
  message_part: [],
  tool_call: [],
  step: [],
  request: [],
  activity: []
})
