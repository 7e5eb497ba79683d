/**
 * A websocket client of one thread, as a page that shows it would be: it folds the frames it gets into a view, lays live text
 * over it and drops that again when the log has it. It knows the protocol and the fold of contracts, and nothing of the server.
 */
import {
  type ClientCommand,
  type ClientEvent,
  type ClientFrame,
  emptyOverlay,
  emptyThreadView,
  foldThread,
  isTurnEnd,
  type LiveOverlay,
  type MessageView,
  overlayEvent,
  overlayFrame,
  PROTOCOL,
  type ServerFrame,
  type ThreadId,
  type ThreadView,
  withOverlay
} from "@spillway/contracts"
import { Effect, Schema, type Scope } from "effect"

export class ThreadClientFailed extends Schema.TaggedError<ThreadClientFailed>()("ThreadClientFailed", {
  message: Schema.String
}) {}

/** Milliseconds within which the server welcomes, answers a command and catches a subscription up. Turns may take longer. */
export const ANSWER_LIMIT = 60_000

/** What stood on the screen for a part of a message when the message closed. */
export interface Shown {
  readonly messageId: string
  readonly partId: string
  readonly text: string
}

export interface ThreadClient {
  /** Sends a command; returns when it is committed. */
  readonly command: (command: ClientCommand) => Effect.Effect<void, ThreadClientFailed>
  /** Watches the thread: its snapshot, then its events and live frames. Returns once caught up. */
  readonly watch: Effect.Effect<void, ThreadClientFailed>
  /** Waits until the view fits. */
  readonly until: (fits: (view: ThreadView) => boolean) => Effect.Effect<ThreadView, ThreadClientFailed>
  readonly view: () => ThreadView
  /** Live frames that came. */
  readonly liveFrames: () => number
  /** Texts as they were shown, live, right before each message closed. The thread's own texts begin with them. */
  readonly shown: () => ReadonlyArray<Shown>
}

export interface ThreadClientOptions {
  readonly url: string
  readonly threadId: ThreadId
  /** What becomes of events before they are folded: themselves, unless a fold is to be broken on purpose. */
  readonly receive: (events: ReadonlyArray<ClientEvent>) => ReadonlyArray<ClientEvent>
}

type Ready = (result: Effect.Effect<void, ThreadClientFailed>) => void

/** Connected, and closed with the scope. */
export const connectThreadClient = Effect.fnUntraced(function* ({
  receive,
  threadId,
  url
}: ThreadClientOptions): Effect.fn.Return<ThreadClient, ThreadClientFailed, Scope.Scope> {
  let view = emptyThreadView(threadId)
  let overlay: LiveOverlay = emptyOverlay
  let liveFrames = 0
  let failure: ThreadClientFailed | undefined
  const shown: Array<Shown> = []
  const receipts = new Map<string, Ready>()
  const waiting = new Set<{ readonly fits: () => boolean; readonly ready: Ready }>()
  let welcomed = false
  let caughtUp = false

  const fail = (message: string): void => {
    failure ??= new ThreadClientFailed({ message })
    for (const ready of receipts.values()) ready(failure)
    receipts.clear()
    for (const waiter of waiting) waiter.ready(failure)
    waiting.clear()
  }

  const fold = (event: ClientEvent): void => {
    if (event.type === "thread.message-closed" || isTurnEnd(event)) {
      for (const message of liveMessages(view, overlay)) {
        if (event.type !== "thread.message-closed" || event.data.messageId === message.messageId)
          shown.push(...textsOf(message, overlay))
      }
    }
    view = foldThread(view, [event])
    overlay = overlayEvent(overlay, event)
  }

  const take = (frame: ServerFrame): void => {
    switch (frame.type) {
      case "welcome":
        welcomed = true
        return
      case "receipt": {
        const { receipt } = frame
        const ready = receipts.get(receipt.commandId)
        receipts.delete(receipt.commandId)
        const refusal = receipt.status === "rejected" ? receipt.rejection : undefined
        ready?.(
          refusal === undefined
            ? Effect.void
            : new ThreadClientFailed({ message: `A command was refused: ${refusal.message}` })
        )
        return
      }
      case "snapshot":
        if (frame.view !== undefined) view = frame.view
        overlay = emptyOverlay
        return
      case "events":
        for (const event of receive(frame.events)) fold(event)
        return
      case "live":
        liveFrames += frame.frames.length
        for (const piece of frame.frames) overlay = overlayFrame(overlay, view, piece)
        return
      case "caught-up":
        caughtUp = true
        return
      case "error":
        return fail(`The server said ${frame.code}: ${frame.message}`)
      case "ping":
        return send({ type: "pong" })
      case "threads":
      case "pong":
        return
    }
  }

  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => new WebSocket(url)),
    (socket) => Effect.sync(() => socket.close(1000))
  )
  const send = (frame: ClientFrame): void => socket.send(JSON.stringify(frame))
  socket.addEventListener("open", () => send({ type: "hello", protocol: PROTOCOL }))
  socket.addEventListener("close", () => fail("The server closed the connection."))
  socket.addEventListener("error", () => fail(`The server at ${url} can't be reached.`))
  socket.addEventListener("message", ({ data }: MessageEvent) => {
    const frame = JSON.parse(String(data)) as ServerFrame
    try {
      take(frame)
    } catch (error) {
      return fail(`The thread's frames can't be folded: ${String(error)}`)
    }
    if ("seq" in frame) send({ type: "ack", seq: frame.seq })
    for (const waiter of waiting) {
      if (!waiter.fits()) continue
      waiting.delete(waiter)
      waiter.ready(Effect.void)
    }
  })

  const when = (fits: () => boolean) =>
    Effect.callback<void, ThreadClientFailed>((resume) => {
      if (failure !== undefined) return resume(failure)
      if (fits()) return resume(Effect.void)
      const waiter = { fits, ready: resume }
      waiting.add(waiter)
      return Effect.sync(() => void waiting.delete(waiter))
    })

  const soon = (what: string) =>
    Effect.timeoutOrElse({
      duration: ANSWER_LIMIT,
      orElse: () =>
        Effect.fail(
          new ThreadClientFailed({ message: `${what} did not come within ${ANSWER_LIMIT / 1_000} seconds.` })
        )
    })

  yield* soon("The server's welcome")(when(() => welcomed))
  return {
    command: (command) =>
      Effect.callback<void, ThreadClientFailed>((resume) => {
        if (failure !== undefined) return resume(failure)
        receipts.set(command.commandId, resume)
        send({ type: "command", command })
        return Effect.sync(() => void receipts.delete(command.commandId))
      }).pipe(soon(`The receipt of ${command.type}`)),
    watch: Effect.suspend(() => {
      send({ type: "subscribe", id: "thread", subscription: { to: "thread", threadId, from: "snapshot" } })
      return when(() => caughtUp)
    }).pipe(soon("The thread's snapshot")),
    until: (fits) =>
      Effect.map(
        when(() => fits(view)),
        () => view
      ),
    view: () => view,
    liveFrames: () => liveFrames,
    shown: () => shown
  }
})

const liveMessages = (view: ThreadView, overlay: LiveOverlay): ReadonlyArray<MessageView> =>
  overlay.messages.size === 0
    ? []
    : (view.turns.at(-1)?.messages.filter(({ messageId }) => overlay.messages.has(messageId)) ?? [])

const textsOf = (message: MessageView, overlay: LiveOverlay): ReadonlyArray<Shown> =>
  withOverlay(overlay, message).flatMap((part) =>
    part.type === "tool-call" ? [] : [{ messageId: message.messageId, partId: part.partId, text: part.text }]
  )
