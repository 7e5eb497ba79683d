/** What each event says happened, by the name of what it carries. */
import type { ComponentDescription } from "./componentDescriptions.ts"

const happened: Readonly<Record<string, string>> = {
  ThreadCreated: "The thread began.",
  ThreadUpdated: "Its title or metadata changed; only what changed is present.",
  ThreadArchived: "It was put away.",
  ThreadUnarchived: "It was taken back.",
  ThreadDeleted: "It ended.",
  ActivityRecorded: "Something worth keeping that changed nothing.",
  MessageSent: "A user's message, or a system's priming.",
  TurnStartRequested: "A turn was asked for. The one place where its delivery mode is decided.",
  TurnQueued: "The turn waits behind others, and why.",
  TurnStarted: "The turn is the active one from here to its end.",
  TurnSteered: "A message for the running turn, to be taken between two steps.",
  TurnInterruptRequested: "Somebody wants the turn to end. It will end `interrupted`.",
  TurnCompleted: "The turn ended well.",
  TurnFailed: "The turn ended with an error.",
  TurnInterrupted: "The turn was ended.",
  SessionOpened: "A runtime was given the turn.",
  SessionBound: "The provider's own id of the thread became known.",
  SessionClosed: "The runtime has let go of the thread.",
  StepOpened: "A model call began.",
  StepClosed: "A model call ended: its usage, and why it ended.",
  MessageOpened: "An assistant message was reserved.",
  MessageSegmentAppended: "A durable piece of a part's text, at its offset in UTF-16 code units.",
  MessageClosed: "An assistant message ended. Its text is in the segments.",
  ToolCallOpened: "A tool was called.",
  ToolCallOutputAppended: "The tool printed something.",
  ToolCallClosed: "What came of the tool call.",
  RequestOpened: "A question to a person. The turn waits.",
  RequestResolved: "The answer.",
  RequestTaken: "The runtime took the answer.",
  RequestWithdrawn: "Nobody waits for an answer any more."
}

const envelope = {
  version: "Place in the thread's stream; dense, from 1.",
  commandId: "The command that it came from; `null` for what a runtime or recovery caused.",
  causationId: "What led to it: the id of a command, or `sessionId@generation` of a session.",
  correlationId: "Joins everything that one intention caused: the caller's own id.",
  actor: "The authenticated caller, `runtime:<name>`, or `spillway` for recovery.",
  at: "When it was decided; ISO 8601, UTC, milliseconds."
}

const position = {
  position: "Place in the whole log; dense, from 1.",
  hash: "sha256, hex: covers the thread's event before this one, and this one's stored bytes."
}

export const eventDescriptions: Readonly<Record<string, ComponentDescription>> = {
  ClientEvent: { is: "What happened to a thread, told apart by `type`." },
  LoggedEvent: { is: "What happened to a thread, as the whole log holds it, told apart by `type`." },
  ...Object.fromEntries(
    Object.entries(happened).flatMap(([name, is]) => [
      [`${name}Event`, { is, has: envelope }],
      [`Logged${name}Event`, { is, has: { ...envelope, ...position } }],
      [`${name}Data`, { is: `What a ${name}Event carries.` }]
    ])
  )
}
