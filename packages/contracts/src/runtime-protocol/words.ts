/** What each frame, report and error of the runtime protocol is, in a line. One without words here is a compile error. */
import type {
  HostFrame,
  RuntimeErrorCode,
  RuntimeLimits,
  RuntimeOffer,
  RuntimeServerFrame
} from "./RuntimeProtocol.ts"
import type { RuntimeReport } from "./RuntimeReport.ts"
import type { RuntimeCloseCode } from "./wire.ts"

const ping = "Asks for a sign of life, which is a `pong`."
const pong = "Answers a `ping`."

export const hostFrameWords: Readonly<Record<HostFrame["type"], string>> = {
  hello:
    "The first frame: the protocol, the token, the process (`host`), what it can run, and which sessions it still runs.",
  events: "What happened in a session, in order: each report has the number after the one before it.",
  ping,
  pong
}

export const serverFrameWords: Readonly<Record<RuntimeServerFrame["type"], string>> = {
  welcome: "Answers `hello`: what the host must keep to.",
  start: "A turn to run, with all there is to know of it.",
  attached: "A session of `hello` goes on: send what is numbered above `received`.",
  ack: "Everything up to `through` is durable; what is sent may be numbered up to `until`.",
  "step-opened": "Answers `step.open`: the message is reserved, and the model may be called.",
  interrupt:
    "The turn is to stop: report what is known, then `turn.aborted`. Ten seconds later it ends anyhow.",
  respond: "A person's answer to a request. It may come again.",
  steer: "A message waits: open another step when there is a chance, and take it from there.",
  final: "Over HTTP: the last line of the answer to reports.",
  ended: "The turn is over, whoever ended it: stop, and forget the session.",
  fenced: "Another generation of the session runs by now, or none: stop, and forget it.",
  error: "Something went wrong; the message says what to do. The connection ends with it.",
  ping,
  pong
}

export const reportWords: Readonly<Record<RuntimeReport["type"], string>> = {
  "step.open": "A model call is about to be made. It may, once `step-opened` has answered.",
  "session.started": "The runtime is there, with its own name for the thread.",
  "session.exited": "The runtime went away: the turn ends, failed with an error, else interrupted.",
  "turn.started": "The runtime's own name for the turn.",
  "turn.completed": "The turn is done.",
  "turn.failed": "The turn failed, and why.",
  "turn.aborted": "The turn was stopped.",
  "model.known": "The model's name, where it becomes known later.",
  "step.finished": "The model call is over; its tool calls may still run.",
  "step.retried": "The model call starts again: what it said so far is void.",
  "text.delta": "A piece of text or reasoning; `itemId` names the stretch that it belongs to.",
  "text.completed": "A stretch is complete; `text`, where given, is all of it.",
  "tool-call.input-delta": "A piece of a tool call's arguments: seen live, never kept.",
  "tool-call.started": "A tool is called; its input is complete.",
  "tool-call.output-delta": "A piece of what a tool prints.",
  "tool-call.completed": "A tool call is over.",
  "request.opened": "A question to a person; the answer comes as `respond`.",
  "request.withdrawn": "The question needs no answer any more.",
  notice: "A remark for whoever looks at the turn."
}

export const offerWords: Readonly<Record<keyof RuntimeOffer, string>> = {
  name: "What a turn's `runtime` asks for.",
  resumable:
    "A turn that waits for a person can go on under another `start`, from the log. Unless given, `false`.",
  canSteer: "It takes messages between the steps of a running turn. Unless given, `false`.",
  announcesSteps:
    "It reports `step.open` before each model call. Unless given, `false`: the server opens steps by what it sees.",
  outlivesServer: "It goes on while no server is there, and comes back. Unless given, `true`."
}

export const limitWords: Readonly<Record<keyof RuntimeLimits, string>> = {
  frameBytes: "Bytes of one frame, over HTTP of one line.",
  eventsPerFrame: "Reports in one `events` frame.",
  window: "Reports of one session that may be on their way into its thread: `until` is that much ahead.",
  graceSeconds: "How long a session waits for a host that was lost.",
  requestSeconds: "Over HTTP: how long one request with reports is read before it is answered."
}

interface ErrorWords {
  readonly means: string
  readonly help: string
  readonly retryable: boolean
  readonly closes: keyof typeof RuntimeCloseCode | null
}

const wrong = { retryable: false }
const again = { retryable: true }

export const errorWords: Readonly<Record<RuntimeErrorCode, ErrorWords>> = {
  "hello-expected": {
    means: "Something else came first, or nothing for 10 seconds.",
    help: "Say `hello` first.",
    ...wrong,
    closes: "helloExpected"
  },
  "unsupported-protocol": {
    means: "The server does not speak this protocol.",
    help: "Say `hello` with one that it does.",
    ...wrong,
    closes: "unsupportedProtocol"
  },
  unauthorized: {
    means: "The token is missing or wrong.",
    help: "Send the server's SPILLWAY_RUNTIME_TOKEN.",
    ...wrong,
    closes: "unauthorized"
  },
  "malformed-frame": {
    means: "A frame or a line could not be read.",
    help: "Mend what the message names; what came before it was taken in.",
    ...wrong,
    closes: "malformed"
  },
  "frame-too-large": {
    means: "A frame or a line is larger than it may be.",
    help: "Cut the text into smaller reports.",
    ...wrong,
    closes: "frameTooLarge"
  },
  "sequence-gap": {
    means: "A report has a gap before it; `expected` is the number that should have come.",
    help: "Connect again, and go on behind `received`.",
    ...again,
    closes: "outOfOrder"
  },
  "window-exceeded": {
    means: "A report is numbered above `until`.",
    help: "Connect again, and send no more than `until` allows.",
    ...again,
    closes: "outOfOrder"
  },
  superseded: {
    means: "The session's reports come on another way by now.",
    help: "Connect again, over HTTP ask for the cursor, and go on behind `received`.",
    ...again,
    closes: "outOfOrder"
  },
  fenced: {
    means: "Over HTTP: that generation of the session is not open.",
    help: "Stop running it.",
    ...wrong,
    closes: null
  },
  ended: {
    means: "Over HTTP: the session is over.",
    help: "Stop running it.",
    ...wrong,
    closes: null
  },
  "too-many-hosts": {
    means: "As many hosts are connected as may be.",
    help: "Run more runtimes, and more turns, in each.",
    ...again,
    closes: "tooManyHosts"
  },
  "not-active": {
    means: "Another process of the same database runs the turns now.",
    help: "Connect again, until that one answers.",
    ...again,
    closes: "notActive"
  },
  stalled: {
    means: "The host did not read what it was sent for 30 seconds.",
    help: "Connect again.",
    ...again,
    closes: "stalled"
  },
  unavailable: {
    means: "The server stops, or has only just started.",
    help: "Connect again in a moment, and go on.",
    ...again,
    closes: "shuttingDown"
  },
  internal: {
    means: "The server failed; its log tells why.",
    help: "Tell whoever runs it.",
    ...wrong,
    closes: null
  }
}
