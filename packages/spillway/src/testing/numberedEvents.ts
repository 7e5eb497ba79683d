/** Events of one thread, and live frames of a message in it, that differ in nothing but what a test counts. */
import {
  DEFAULT_TENANT,
  type LiveFrame,
  type LoggedEvent,
  MessageId,
  PartId,
  StepId,
  ThreadId,
  TurnId
} from "@spillway/contracts"

const threadId = ThreadId.make("t")

/** The event of a version, at the same position of the log. */
export const eventOf = (version: number, title = "a title"): LoggedEvent => ({
  type: "thread.updated",
  data: { title },
  tenant: DEFAULT_TENANT,
  threadId,
  version,
  schemaVersion: 1,
  commandId: null,
  causationId: null,
  correlationId: null,
  actor: "tester",
  at: "2026-11-20T12:00:00.000Z",
  position: version,
  hash: ""
})

export const frameOf = (afterVersion: number, offset: number, text: string): LiveFrame => ({
  threadId,
  turnId: TurnId.make("u"),
  stepId: StepId.make("u#0"),
  messageId: MessageId.make("m"),
  partId: PartId.make("p"),
  kind: "text",
  offset,
  text,
  afterVersion
})
