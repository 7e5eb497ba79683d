/**
 * `spillway-runtime.v1`: how a provider runtime in another process, in any language, runs Spillway's turns. JSON text frames, each an
 * object with a `type`. `docs/runtime-protocol.md` tells it to those who write one.
 *
 * A **host** is such a process. It connects to `/v1/runtimes/ws`, says `hello` with the runtimes that it offers and the sessions that it
 * still runs, and is then given turns:
 *
 * - `start` is a turn to run. What happens in it the host reports, numbered from 1 without gaps, in `events`. `step.open` is a report
 *   like the others; the model's request may leave once `step-opened` has answered it, for the message has its id in the log then.
 * - `ack` says two things. `through`: everything up to it is durable, and need never be sent again; what lies beyond it the host keeps.
 *   `until`: it may send up to this number. The server moves it on as the thread takes what was sent, so that a thread that can't take
 *   more holds its host back, and the others of the socket do not wait.
 * - A report that was taken in before is ignored. One with a gap before it, or beyond `until`, ends the connection with an `error` that
 *   says what was expected; nothing is lost by it.
 * - A connection that is lost stops nothing: the host goes on, connects again within `limits.graceSeconds`, names its sessions in
 *   `hello`, and is told by `attached` up to where the server has its reports (`received`). It sends the rest, which it may cut
 *   otherwise than it did before; what is above `through` it keeps for the case that the server is lost as well. After that
 *   `received` is `through`.
 * - `fenced`: another generation of the session runs by now, or the session is not known: the host drops it. `ended`: the turn is over,
 *   whoever ended it, and `through` is how far it got.
 *
 * The server pings every 20 seconds and closes a socket from which nothing came for a minute. Unknown frames are ignored, so that either
 * side may learn new ones.
 */
import { Schema } from "effect"
import { MessageId, RequestId, SessionId, StepId } from "../Ids.ts"
import { RequestResponse } from "../Request.ts"
import { RuntimeReport } from "./RuntimeReport.ts"
import { TurnToRun } from "./TurnToRun.ts"
import { HOST_SESSION_LIMIT, RUNTIME_PROTOCOL } from "./wire.ts"

const frame = <const T extends string, const F extends Schema.Struct.Fields>(type: T, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

/** The session of a thread, and which of its claims. */
const session = { sessionId: SessionId, generation: Schema.Int }

/** The most characters of a runtime's name. */
export const RUNTIME_NAME_LIMIT = 64

export const RuntimeOffer = Schema.Struct({
  /** What a turn's `runtime` asks for. */
  name: Schema.String.check(
    Schema.isPattern(/^[\x21-\x7e]{1,64}$/u, {
      expected: "a name of 1 to 64 printable ASCII characters without spaces"
    })
  ),
  /** A turn that waits for a person can go on from the log under a new `start`. Absent: false. */
  resumable: Schema.optionalKey(Schema.Boolean),
  /** It takes messages between the steps of a running turn. Absent: false. */
  canSteer: Schema.optionalKey(Schema.Boolean),
  /** It reports `step.open` for each model call. Absent: false, and the server opens steps by what it sees. */
  announcesSteps: Schema.optionalKey(Schema.Boolean),
  /** It goes on while the server is away, and comes back. Absent: true. */
  outlivesServer: Schema.optionalKey(Schema.Boolean)
})
export type RuntimeOffer = typeof RuntimeOffer.Type

export const HostId = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,128}$/u, {
    expected: "an id of 1 to 128 printable ASCII characters without spaces"
  })
)

export const HostFrame = Schema.Union([
  frame("hello", {
    protocol: Schema.String,
    token: Schema.optionalKey(Schema.String),
    /**
     * Names this process, the same on each of its connections. A turn whose `start` was lost with one is then given to it again, if
     * it does not name the session.
     */
    host: Schema.optionalKey(HostId),
    runtimes: Schema.Array(RuntimeOffer).check(Schema.isMinLength(1), Schema.isMaxLength(64)),
    /** The sessions that the host still runs. */
    sessions: Schema.optionalKey(
      Schema.Array(Schema.Struct(session)).check(Schema.isMaxLength(HOST_SESSION_LIMIT))
    )
  }),
  frame("events", { ...session, events: Schema.Array(RuntimeReport) }),
  frame("ping", {}),
  frame("pong", {})
]).pipe(Schema.toTaggedUnion("type"))
export type HostFrame = typeof HostFrame.Type

export const RuntimeLimits = Schema.Struct({
  /** Bytes of one frame, or of one line. */
  frameBytes: Schema.Int,
  /** Reports in one `events` frame. */
  eventsPerFrame: Schema.Int,
  /** Reports of one session that may be on their way into its thread. */
  window: Schema.Int,
  /** How long a session waits for a host that was lost, and a host for a server. */
  graceSeconds: Schema.Finite,
  /** How long one HTTP request with reports may last: then the server answers it, and the rest goes into another one. */
  requestSeconds: Schema.Int
})
export type RuntimeLimits = typeof RuntimeLimits.Type

export const RuntimeErrorCode = Schema.Literals([
  "hello-expected",
  "unsupported-protocol",
  "unauthorized",
  "malformed-frame",
  "frame-too-large",
  "sequence-gap",
  "window-exceeded",
  "superseded",
  "fenced",
  "ended",
  "too-many-hosts",
  "not-active",
  "stalled",
  "unavailable",
  "internal"
])
export type RuntimeErrorCode = typeof RuntimeErrorCode.Type

const cursor = {
  ...session,
  /** Everything up to it is durable. */
  through: Schema.Int,
  /** What the host may send is numbered up to this. */
  until: Schema.Int
}

export const RuntimeServerFrame = Schema.Union([
  frame("welcome", {
    protocol: Schema.Literal(RUNTIME_PROTOCOL),
    server: Schema.String,
    limits: RuntimeLimits
  }),
  frame("start", { ...cursor, runtime: Schema.String, turn: TurnToRun }),
  /** A session of `hello` goes on: behind `received`. */
  frame("attached", { ...cursor, received: Schema.Int }),
  frame("ack", cursor),
  /** Answers `step.open`; on attaching it says again what the last one was answered. */
  frame("step-opened", {
    ...session,
    stepId: StepId,
    messageId: MessageId,
    /** Messages that people sent meanwhile, to be taken into this step's model call. */
    steering: Schema.Array(Schema.String)
  }),
  /** Somebody wants the turn to stop: report what is known, then `turn.aborted`. */
  frame("interrupt", session),
  /** The answer to a request. It may come again. */
  frame("respond", { ...session, requestId: RequestId, response: RequestResponse }),
  /** A message waits to be taken into the next step. */
  frame("steer", session),
  /** Over HTTP, the last line of the answer to reports: what of them is durable, and what the server has got. */
  frame("final", { ...cursor, received: Schema.Int }),
  frame("ended", { ...session, through: Schema.Int }),
  frame("fenced", { ...session, message: Schema.String }),
  frame("error", {
    code: RuntimeErrorCode,
    message: Schema.String,
    retryable: Schema.Boolean,
    sessionId: Schema.optionalKey(SessionId),
    generation: Schema.optionalKey(Schema.Int),
    /** Of `sequence-gap`: the number that was expected. */
    expected: Schema.optionalKey(Schema.Int)
  }),
  frame("ping", {}),
  frame("pong", {})
]).pipe(Schema.toTaggedUnion("type"))
export type RuntimeServerFrame = typeof RuntimeServerFrame.Type
export type RuntimeServerFrameOf<T extends RuntimeServerFrame["type"]> = Extract<
  RuntimeServerFrame,
  { readonly type: T }
>
