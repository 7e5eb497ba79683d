/** What each frame is for, and one as it would be sent. A frame without words here is a compile error. */
import * as examples from "../http-api/examples.ts"
import { stepIdOf, ThreadId, TurnId } from "../Ids.ts"
import { MessageId, PartId } from "../Ids.ts"
import type { ClientFrame, ServerFrame } from "../Protocol.ts"
import { PROTOCOL } from "../wire.ts"

export interface FrameDocumentation<F> {
  /** One line. */
  readonly is: string
  /** Its rules, as paragraphs. */
  readonly rules: ReadonlyArray<string>
  readonly example: F
}

type Documented<F extends { readonly type: string }> = {
  readonly [T in F["type"]]: FrameDocumentation<Extract<F, { readonly type: T }>>
}

const subscription = "main"
const stepId = stepIdOf(TurnId.make("u1"), 0)

export const clientFrames: Documented<ClientFrame> = {
  hello: {
    is: "The first frame: which protocol is spoken, and the token where the server asks for one.",
    rules: [
      "Anything else before it, another protocol or a wrong token gets an `error` and the end of the connection; so do ten seconds of silence.",
      "A program may send its token in the upgrade's header `Authorization: Bearer …` instead, and leave it out here."
    ],
    example: { type: "hello", protocol: PROTOCOL, token: "a-secret" }
  },
  command: {
    is: "Asks for something to be done.",
    rules: [
      "It is answered by one `receipt` after commit, or by an `error` with its `commandId`. Answers come in the order in which they are ready, and may overtake each other.",
      "The same command sent again, on whatever connection, gets the same receipt and has no second effect. So send it again after an `error` that is `retryable`, and after a connection that ended before the receipt.",
      "The same `commandId` with anything else in it is rejected with `CommandIdConflict`."
    ],
    example: { type: "command", command: { ...examples.turnStart, commandId: examples.receipt.commandId } }
  },
  subscribe: {
    is: "Follows a thread, the list of threads or the whole log, under a name of the client's choice.",
    rules: [
      "A thread from `snapshot` gets one `snapshot`, help the events after it; from `{ afterVersion }` just these; from `tail` only what comes. The list of threads gets a `snapshot` of summaries, help `threads`. The log is followed from `{ afterPosition }` or from `tail`.",
      "`caught-up` marks the point up to which there was history to read. Then events come as they are committed. Nothing falls between, and nothing comes twice.",
      "With a `logId`, taken from `welcome`, a cursor of another log is noticed for certain. One ahead of the log is always noticed."
    ],
    example: {
      type: "subscribe",
      id: subscription,
      subscription: { to: "thread", threadId: ThreadId.make("t1"), from: { afterVersion: 0 } }
    }
  },
  unsubscribe: {
    is: "Follows no longer. It stops nothing else.",
    rules: ["Frames that were on their way still come; their `seq` counts, and is to be acked."],
    example: { type: "unsubscribe", id: subscription }
  },
  ack: {
    is: "Everything up to `seq` was processed.",
    rules: [
      "`seq` is one number per socket, over all of its subscriptions. Ack the highest one seen, at the latest when half of the credit is used up; acking every frame is fine.",
      "An ack of a number that was never sent frees nothing."
    ],
    example: { type: "ack", seq: 3 }
  },
  ping: {
    is: "Asks for a sign of life, which is a `pong`.",
    rules: ["Either side may send it. The server sends one every 20 seconds."],
    example: { type: "ping" }
  },
  pong: {
    is: "Answers a `ping`.",
    rules: ["A socket from which nothing at all came for a minute is closed."],
    example: { type: "pong" }
  }
}

export const serverFrames: Documented<ServerFrame> = {
  welcome: {
    is: "Answers `hello`: which log this is, and what the client must keep to.",
    rules: ["Versions, positions and cursors mean nothing in a log of another `logId`."],
    example: {
      type: "welcome",
      protocol: PROTOCOL,
      logId: examples.logId,
      server: examples.info.server,
      defaultRuntime: examples.info.defaultRuntime,
      limits: examples.info.limits
    }
  },
  receipt: {
    is: "Answers a command: it is committed, or it was refused and that is remembered.",
    rules: ["`version` is the thread's, of the last event that the command caused."],
    example: { type: "receipt", receipt: examples.receipt }
  },
  snapshot: {
    is: "Where a subscription begins: a thread's view, or the list of threads.",
    rules: [
      "Of a thread: `view` is the fold of its events up to `view.version`, with the last 50 turns; `before` is the id of the oldest one held when there are older ones, else `null`. Of the list: `threads`.",
      "It counts against credit, and replaces what the client held. The list sends another one when the client fell far behind."
    ],
    example: { type: "snapshot", seq: 1, id: subscription, view: examples.view, before: null }
  },
  events: {
    is: "What happened, in order: of a thread by version, of the log by position, without gaps.",
    rules: [
      "Never empty. An event's JSON is the same, byte for byte, through every door. Events of the log have `position` and `hash` besides."
    ],
    example: { type: "events", seq: 2, id: subscription, events: [examples.event] }
  },
  threads: {
    is: "Summaries that changed, of a subscription to the list of threads.",
    rules: [
      "Of a thread that changed several times only the last summary comes. A deleted one has that `status`."
    ],
    example: { type: "threads", seq: 4, id: "list", threads: [examples.summary] }
  },
  live: {
    is: "Text on its way to the log, for the eye only.",
    rules: [
      "Each frame stands behind the events up to its `afterVersion`. Any may be missing, at any point: the final view is the same without them.",
      "The first ones after a `caught-up`, and after some were left out, hold all of the text that is not in the log yet, from the offset where the log ends."
    ],
    example: {
      type: "live",
      seq: 5,
      id: subscription,
      frames: [
        {
          threadId: ThreadId.make("t1"),
          turnId: TurnId.make("u1"),
          stepId,
          messageId: MessageId.make(`${stepId}/message`),
          partId: PartId.make("text"),
          kind: "text",
          offset: 0,
          text: "Hello! What",
          afterVersion: 7
        }
      ]
    }
  },
  "caught-up": {
    is: "History is read, up to here: what comes now is new.",
    rules: [
      "`version` is the thread's; of the log it is the position; of the list of threads it is 0. It comes once for each subscription."
    ],
    example: { type: "caught-up", id: subscription, version: 12 }
  },
  error: {
    is: "Something went wrong; the message says what to do.",
    rules: [
      "It never ends the server, and the connection only where its code says so. `commandId` or `id` say what it answers, `retryable` that the same may succeed in a moment."
    ],
    example: {
      type: "error",
      code: "unavailable",
      message: "The database can't be reached right now: send the same command again in a moment.",
      retryable: true,
      commandId: "c2"
    }
  },
  ping: {
    is: clientFrames.ping.is,
    rules: clientFrames.ping.rules,
    example: { type: "ping" }
  },
  pong: {
    is: clientFrames.pong.is,
    rules: clientFrames.pong.rules,
    example: { type: "pong" }
  }
}
