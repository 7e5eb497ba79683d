/** A thread that is being written, and what a client of it sees. */
import {
  type ClientEvent,
  DEFAULT_TENANT,
  emptyOverlay,
  emptyThreadView,
  foldThread,
  type LiveOverlay,
  type LoggedEvent,
  overlayEvent,
  overlayFrame,
  type ServerFrame,
  type Subscription,
  type ThreadId,
  type ThreadView,
  withOverlay
} from "@spillway/contracts"
import { EventLog, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { createThread, newThreadId, startTurn } from "./commands.ts"
import type { TestClient } from "./TestClient.ts"
import { testRuntime, textPart } from "./TestRuntime.ts"
import { livePart } from "./TestServer.ts"

export const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

/** A thread whose turn runs, with its message open. */
export const runningThread = Effect.gen(function* () {
  const engine = yield* ThreadEngine
  const threadId = newThreadId()
  const start = startTurn(threadId, { assistantDeliveryMode: "streaming" })
  yield* engine.dispatch(origin, createThread(threadId))
  yield* engine.dispatch(origin, start)
  const runtime = yield* testRuntime(threadId, start.turnId)
  let version = yield* runtime.begin
  const append = (text: string) => Effect.map(runtime.append(text), (at) => (version = at))
  const { messageId, stepId, turnId } = runtime
  const live = yield* livePart(
    threadId,
    { turnId, stepId, messageId, partId: textPart, kind: "text" },
    () => version
  )
  return { threadId, runtime, append, live, version: () => version }
})

export const subscribeTo = (
  client: TestClient,
  threadId: ThreadId,
  from: Extract<Subscription, { to: "thread" }>["from"]
) => client.send({ type: "subscribe", id: "s", subscription: { to: "thread", threadId, from } })

export const eventsOf = (frames: ReadonlyArray<ServerFrame>) =>
  frames.flatMap((frame) => (frame.type === "events" ? (frame.events as ReadonlyArray<ClientEvent>) : []))

/** Of a subscription to the log. */
export const loggedEventsOf = (frames: ReadonlyArray<ServerFrame>) =>
  frames.flatMap((frame) => (frame.type === "events" ? (frame.events as ReadonlyArray<LoggedEvent>) : []))

export const logOf = Effect.fnUntraced(function* (threadId: ThreadId, afterVersion = 0) {
  const log = yield* EventLog
  return yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion, limit: 10_000 })
})

export const isCaughtUp = (frame: ServerFrame) => frame.type === "caught-up"
export const isTurnEnd = (frame: ServerFrame) =>
  frame.type === "events" && frame.events.some((event) => event.type === "thread.turn-completed")

/** What a client sees: the fold of what came, and the live text over it. */
export const see = (threadId: ThreadId) => {
  let view: ThreadView = emptyThreadView(threadId)
  let overlay: LiveOverlay = emptyOverlay
  return {
    take: (frames: ReadonlyArray<ServerFrame>) => {
      for (const frame of frames) {
        if (frame.type === "snapshot") view = frame.view!
        if (frame.type === "live")
          for (const piece of frame.frames) overlay = overlayFrame(overlay, view, piece)
        if (frame.type === "events") {
          view = foldThread(view, frame.events)
          for (const event of frame.events) overlay = overlayEvent(overlay, event)
        }
      }
    },
    view: () => view,
    assistantText: () =>
      view.turns
        .flatMap((turn) => turn.messages.filter((message) => message.role === "assistant"))
        .flatMap((message) => withOverlay(overlay, message))
        .map((part) => (part.type === "tool-call" ? "" : part.text))
        .join("")
  }
}
