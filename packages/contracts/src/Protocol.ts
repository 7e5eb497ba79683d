/**
 * `spillway.v1`: the whole websocket protocol. JSON text frames, each an object with a `type`. `docs/protocol.md` tells it to those who
 * write a client.
 *
 * Connect to `/v1/ws`. The client speaks first with `hello`; anything else before it, an unknown protocol or a wrong token
 * gets an `error` and the end of the connection. A program may send its token as `Authorization: Bearer …` instead; a web
 * page is let in from the origins that the server allows, others get 403. Then the client sends commands and subscribes:
 *
 * - A command is answered by one `receipt`, after commit, or by an `error` with its `commandId`. The same command sent again
 *   gets the same receipt, so an `error` that is `retryable` is answered by sending it again.
 * - `subscribe` names what it wants and how far it has come. A thread from `snapshot` gets one `snapshot` frame, then the
 *   events after it; from `{ afterVersion }` just these; from `tail` only what comes. `caught-up` marks the point up to
 *   which the subscription had history to read. Then events go on as they are committed.
 * - A cursor ahead of the log, or one of another log, gets the error `cursor-invalid`. What follows starts afresh: a thread's
 *   `snapshot`, or the log from its first position.
 * - `live` frames stand between events in the order in which they make sense, and may be missing at any point. The first one
 *   after a `caught-up`, or after some were left out, holds all of the text that is not in the log yet.
 * - `ack` tells what was processed (`seq`: the highest one seen). The server has at most `limits.creditEvents` events or
 *   `limits.creditBytes` bytes un-acked per socket, and one frame more: past it live frames are left out, then subscriptions
 *   wait and read on from the log, and after `limits.stallSeconds` without an ack the socket gets the error `stalled`, which
 *   says where to resume, and closes with 4408.
 * - Frames are read at `limits.framesPerSecond`, with `limits.frameBurst` at once; one longer than 4 KiB counts as several. Past it
 *   the rest waits unread, and nothing is lost. A socket on which `limits.wrongFrames` more frames were wrong than time made good (20
 *   a second) gets the error `rate-exceeded` and closes with 4429.
 * - Either side may send `ping`, and answers with `pong`. The server sends one every 20 seconds, along with a ping of the
 *   websocket itself, and closes a socket from which nothing at all came for a minute.
 * - Leaving is closing the socket; it stops nothing. Stop is a command.
 *
 * Unknown frames are ignored, so that either side may learn new ones; frames that are not JSON, that break their own shape or
 * that are too large get an `error` and the connection goes on.
 */
import { Schema } from "effect"
import { ClientCommand } from "./commands/ClientCommand.ts"
import { ClientEvent, LoggedEvent } from "./Envelope.ts"
import { ThreadId } from "./Ids.ts"
import { LiveFrame } from "./LiveFrame.ts"
import { Receipt } from "./Receipt.ts"
import { ThreadSummary, ThreadView } from "./thread-view/ThreadView.ts"
import { PROTOCOL } from "./wire.ts"

export { CloseCode, PROTOCOL, WEBSOCKET_PATH } from "./wire.ts"

const frame = <const T extends string, const F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

/** A subscription's name, chosen by the client, unique on its socket. */
const SubscriptionId = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,64}$/u, {
    expected: "a name of 1 to 64 printable ASCII characters without spaces"
  })
)

export const Subscription = Schema.Union([
  Schema.Struct({
    to: Schema.Literal("thread"),
    threadId: ThreadId,
    from: Schema.Union([
      Schema.Literals(["snapshot", "tail"]),
      Schema.Struct({ afterVersion: Schema.Natural, logId: Schema.optionalKey(Schema.String) })
    ]),
    /** Absent: live frames are wanted. */
    live: Schema.optionalKey(Schema.Boolean)
  }),
  /** The list of threads: a snapshot of summaries, then every summary that changes. */
  Schema.Struct({ to: Schema.Literal("threads") }),
  /** The whole log, in order. */
  Schema.Struct({
    to: Schema.Literal("log"),
    from: Schema.Union([
      Schema.Literal("tail"),
      Schema.Struct({ afterPosition: Schema.Natural, logId: Schema.optionalKey(Schema.String) })
    ])
  })
])
export type Subscription = typeof Subscription.Type

export const ClientFrame = Schema.Union([
  frame("hello", { protocol: Schema.String, token: Schema.optionalKey(Schema.String) }),
  frame("command", { command: ClientCommand }),
  frame("subscribe", { id: SubscriptionId, subscription: Subscription }),
  frame("unsubscribe", { id: SubscriptionId }),
  frame("ack", { seq: Schema.Int }),
  frame("ping", {}),
  frame("pong", {})
]).pipe(Schema.toTaggedUnion("type"))
export type ClientFrame = typeof ClientFrame.Type

export const ServerLimits = Schema.Struct({
  frameBytes: Schema.Int,
  textLength: Schema.Int,
  subscriptions: Schema.Int,
  creditEvents: Schema.Int,
  creditBytes: Schema.Int,
  stallSeconds: Schema.Int,
  helloSeconds: Schema.Int,
  commandsInFlight: Schema.Int,
  framesPerSecond: Schema.Int,
  frameBurst: Schema.Int,
  wrongFrames: Schema.Int,
  jsonDepth: Schema.Int,
  sockets: Schema.Int,
  streams: Schema.Int,
  requests: Schema.Int
})
export type ServerLimits = typeof ServerLimits.Type

/** What an `error` frame, a closing socket or an HTTP answer says. The message tells what to do. */
export const ErrorCode = Schema.Literals([
  "unsupported-protocol",
  "unauthorized",
  "hello-expected",
  "malformed-frame",
  "frame-too-large",
  "command-invalid",
  "text-too-long",
  "subscription-exists",
  "subscription-unknown",
  "subscription-limit",
  "thread-not-found",
  "cursor-invalid",
  "stalled",
  "rate-exceeded",
  "unavailable",
  "outcome-unknown",
  "internal"
])
export type ErrorCode = typeof ErrorCode.Type

/** `seq` numbers the frames that count against credit, from 1 on each socket. */
const Seq = Schema.Int

export const ServerFrame = Schema.Union([
  frame("welcome", {
    protocol: Schema.Literal(PROTOCOL),
    /** Names the log. A cursor of another log is invalid here. */
    logId: Schema.String,
    server: Schema.String,
    /** What turns run on when a start names no runtime. */
    defaultRuntime: Schema.String,
    limits: ServerLimits
  }),
  frame("receipt", { receipt: Receipt }),
  frame("snapshot", {
    seq: Seq,
    id: SubscriptionId,
    /** Holds the last 50 turns. `before` is the id of the oldest one held, when there are older ones. */
    view: Schema.optionalKey(ThreadView),
    before: Schema.optionalKey(Schema.NullOr(Schema.String)),
    threads: Schema.optionalKey(Schema.Array(ThreadSummary))
  }),
  /** Of a thread: ClientEvents. Of the log: LoggedEvents. Never empty. */
  frame("events", {
    seq: Seq,
    id: SubscriptionId,
    events: Schema.Array(Schema.Union([LoggedEvent, ClientEvent]))
  }),
  frame("threads", { seq: Seq, id: SubscriptionId, threads: Schema.Array(ThreadSummary) }),
  frame("live", { seq: Seq, id: SubscriptionId, frames: Schema.Array(LiveFrame) }),
  /** `version`: of the thread; for the log its position; 0 for the list of threads. */
  frame("caught-up", { id: SubscriptionId, version: Schema.Int }),
  frame("error", {
    code: ErrorCode,
    message: Schema.String,
    retryable: Schema.Boolean,
    /** What it answers, where that is known: a command's id, a subscription's id. */
    commandId: Schema.optionalKey(Schema.String),
    id: Schema.optionalKey(Schema.String),
    /** Of `stalled`: the last version (of the log: position) that was acked, by subscription. */
    resumeAfter: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int))
  }),
  frame("ping", {}),
  frame("pong", {})
]).pipe(Schema.toTaggedUnion("type"))
export type ServerFrame = typeof ServerFrame.Type
