/** What an `error` frame, a closing socket and a rejection say, and what a client does then. A code without words is a compile error. */
import type { ErrorCode } from "../Protocol.ts"
import type { RejectionTag } from "../Rejection.ts"
import type { CloseCode } from "../wire.ts"

export interface CodeDocumentation {
  /** What happened. */
  readonly means: string
  /** What a client does. */
  readonly help: string
}

export interface ErrorDocumentation extends CodeDocumentation {
  /** What the frame carries beside code and message. */
  readonly carries?: ReadonlyArray<"commandId" | "id" | "resumeAfter">
  readonly retryable: boolean
  /** The connection closes behind it, with this code. */
  readonly closes?: keyof typeof CloseCode
}

export const errorCodes: Readonly<Record<ErrorCode, ErrorDocumentation>> = {
  "unsupported-protocol": {
    means: "`hello` names another protocol than `spillway.v1`.",
    help: "Speak that one, or find another server.",
    retryable: false,
    closes: "unsupportedProtocol"
  },
  unauthorized: {
    means: "The server asks for a token, and `hello` brings none or a wrong one.",
    help: "Connect again with the server's token.",
    retryable: false,
    closes: "unauthorized"
  },
  "hello-expected": {
    means: "Something else came first, or nothing for ten seconds.",
    help: "Send `hello` as the first frame.",
    retryable: false,
    closes: "helloExpected"
  },
  "malformed-frame": {
    means: "The frame is binary, is no JSON object with a `type`, or does not have the shape of that type.",
    help: "Mend the client: the message names the field. The connection goes on.",
    carries: ["id"],
    retryable: false
  },
  "frame-too-large": {
    means:
      "The frame is larger than `limits.frameBytes`. One of more than four times that ends the connection.",
    help: "Send less in one frame.",
    retryable: false
  },
  "command-invalid": {
    means: "There is no such command, or a field of it is missing or not right.",
    help: "Mend the client: the message names the field. Nothing was remembered under the command's id.",
    carries: ["commandId"],
    retryable: false
  },
  "text-too-long": {
    means: "The command's text is longer than `limits.textLength` UTF-16 code units.",
    help: "Split it over several messages.",
    carries: ["commandId"],
    retryable: false
  },
  "subscription-exists": {
    means: "This socket has a subscription of that name.",
    help: "Choose another name, or unsubscribe first.",
    carries: ["id"],
    retryable: false
  },
  "subscription-unknown": {
    means: "This socket has no subscription of that name.",
    help: "Nothing: there is none to leave.",
    carries: ["id"],
    retryable: false
  },
  "subscription-limit": {
    means: "This socket has `limits.subscriptions` subscriptions.",
    help: "Unsubscribe one, or open another socket.",
    carries: ["id"],
    retryable: false
  },
  "thread-not-found": {
    means: "There is no such thread. The subscription is gone.",
    help: "Create the thread, help subscribe.",
    carries: ["id"],
    retryable: false
  },
  "cursor-invalid": {
    means: "The cursor is of another log, or ahead of this one. What follows starts afresh.",
    help: "Throw away what you hold of it, and go on with the `snapshot` (the log: the first position) that follows.",
    carries: ["id"],
    retryable: false
  },
  stalled: {
    means: "Something waited for `limits.stallSeconds` and nothing was acked.",
    help: "Connect again, and subscribe after the versions in `resumeAfter`, or after what you have.",
    carries: ["resumeAfter"],
    retryable: true,
    closes: "stalled"
  },
  "rate-exceeded": {
    means: "Frame after frame was wrong: `limits.wrongFrames` more than 20 a second.",
    help: "Mend the client. What it holds is as good as before.",
    retryable: false,
    closes: "rateExceeded"
  },
  unavailable: {
    means: "The database is out of reach, or the server stops.",
    help: "With `commandId`: send the same command again in a moment. With `id`: nothing, the subscription goes on by itself.",
    carries: ["commandId", "id"],
    retryable: true
  },
  "outcome-unknown": {
    means: "The connection to the database broke while the command was being committed.",
    help: "Send the same command again, with the same id: its receipt tells what happened.",
    carries: ["commandId"],
    retryable: true
  },
  internal: {
    means: "A bug of the server's, which its log tells of.",
    help: "Do not send it again.",
    carries: ["commandId"],
    retryable: false
  }
}

export const closeCodes: Readonly<Record<keyof typeof CloseCode, CodeDocumentation>> = {
  shuttingDown: {
    means: "The server stops.",
    help: "Connect again in a moment, and resume."
  },
  frameTooLarge: {
    means: "A frame of more than four times the limit.",
    help: "Send less in one frame."
  },
  helloExpected: {
    means: "Something else came before `hello`, or nothing within ten seconds.",
    help: "Mend the client."
  },
  unauthorized: {
    means: "The token is missing or wrong.",
    help: "Do not come again without another token."
  },
  unsupportedProtocol: {
    means: "The server does not speak the protocol that `hello` names.",
    help: "Do not come again with it."
  },
  stalled: {
    means:
      'Nothing was acked for too long. The reason is JSON, `{"resumeAfter":{"<subscription>":version}}`, as far as its 123 bytes go; the `error` before it holds all of it.',
    help: "Connect again, and resume."
  },
  rateExceeded: {
    means: "Frame after frame was wrong.",
    help: "Mend the client."
  }
}

/** Why a client's command is refused, and what helps; `null`: only a runtime's command is refused so. */
export const rejections: Readonly<Record<RejectionTag, CodeDocumentation | null>> = {
  ThreadNotFound: { means: "There is no such thread.", help: "Create it, or name one that exists." },
  ThreadAlreadyExists: { means: "`thread.create` names a thread that exists.", help: "Choose another id." },
  ThreadArchived: { means: "The thread is archived.", help: "Unarchive it first." },
  ThreadDeleted: { means: "The thread was deleted.", help: "Nothing: it stays so." },
  ThreadNotArchived: {
    means: "`thread.unarchive` names a thread that is not archived.",
    help: "Nothing: it takes commands."
  },
  TurnNotFound: { means: "The thread has no such turn.", help: "Name one of its turns." },
  TurnAlreadyExists: { means: "The thread has a turn of that id.", help: "Choose another id." },
  TurnAlreadyActive: {
    means: 'A turn runs, and the start says `ifBusy: "reject"`, or the command needs the thread at rest.',
    help: "Wait for the turn's end, interrupt it, or start with another `ifBusy`."
  },
  TurnNotActive: {
    means: "The turn has ended, waits in the queue, or is being interrupted already.",
    help: "Look at its status."
  },
  TurnNotRetryable: {
    means: "The turn completed, has not ended, or was tried again already.",
    help: "Start another turn, or retry the last attempt."
  },
  MessageAlreadyExists: { means: "The thread has a message of that id.", help: "Choose another id." },
  RequestNotFound: { means: "The thread has no such request.", help: "Name one that is pending." },
  RequestAlreadyResolved: { means: "Somebody answered first.", help: "Show that answer." },
  RequestWithdrawn: { means: "Nobody waits for the answer any more.", help: "Nothing." },
  ResponseDoesNotFit: {
    means: "The answer is not of the request's kind, or leaves a question out.",
    help: "Answer what was asked; the message says what is amiss."
  },
  CommandIdConflict: {
    means: "That `commandId` was used for something else.",
    help: "Choose a new id for each new intention."
  },
  CommandTooLarge: { means: "What it says does not fit into an event of 256 KiB.", help: "Send less." },
  SessionNotOpen: null,
  SessionAlreadyOpen: null,
  TurnParked: null,
  StepNotOpen: null,
  StepAlreadyOpen: null,
  StepOutOfOrder: null,
  SteeringNotPending: null,
  MessageNotOpen: null,
  MessageAlreadyOpen: null,
  OffsetMismatch: null,
  PartMismatch: null,
  ToolCallNotOpen: null,
  ToolCallAlreadyExists: null,
  RequestAlreadyExists: null
}
