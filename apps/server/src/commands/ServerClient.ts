/**
 * A client of a Spillway server for the command line: one websocket, one subscription at a time.
 *
 * A server that goes away and comes back loses nothing: the client connects again for up to RECONNECT_FOR, sends again the commands
 * that have no receipt yet (a command is done once), and goes on after the last event that it has.
 */
import {
  type ClientCommand,
  type ClientEvent,
  type ClientFrame,
  type LiveFrame,
  type LoggedEvent,
  PROTOCOL,
  type Receipt,
  type ServerFrame,
  type Subscription,
  type ThreadView
} from "@spillway/contracts"
import { Cause, Deferred, Effect, Queue, Schedule, type Scope } from "effect"
import { invocation } from "./answering.ts"
import { type CommandFailed, commandFailed } from "./CommandFailed.ts"

/** How long a server that was there may be away. Milliseconds. */
const RECONNECT_FOR = 60_000

/** Between two attempts. Milliseconds. */
const RECONNECT_PAUSE = 250

export interface ServerAddress {
  readonly url: string
  readonly token: string | undefined
}

/** What a subscription brings, in order. */
export type Followed =
  | { readonly type: "events"; readonly events: ReadonlyArray<ClientEvent | LoggedEvent> }
  | { readonly type: "live"; readonly frames: ReadonlyArray<LiveFrame> }
  | { readonly type: "snapshot"; readonly view: ThreadView }
  | { readonly type: "caught-up"; readonly version: number }
  /** The connection was lost and is there again. */
  | { readonly type: "reconnected" }
  | { readonly type: "error"; readonly error: Extract<ServerFrame, { readonly type: "error" }> }

/** Where to go on after: `from`, as `subscribe` says it, past what was received. */
type Place = (after: number, logId: string) => Subscription

export interface ServerClient {
  /** The receipt of a command, after commit. Fails when the server refuses the command as such, or is away for too long. */
  readonly command: (command: ClientCommand) => Effect.Effect<Receipt, CommandFailed>
  /** Subscribes, in place of what was subscribed before. `place` names the subscription from where it got to, for a reconnect. */
  readonly follow: (first: Subscription, place: Place) => Effect.Effect<void>
  /** The next of what the subscription brings. What was taken before counts as processed. */
  readonly take: Effect.Effect<Followed, CommandFailed>
}

type FollowedFrame = Extract<ServerFrame, { readonly type: "events" | "live" | "snapshot" | "caught-up" }>

interface Pending {
  readonly command: ClientCommand
  readonly receipt: Deferred.Deferred<Receipt, CommandFailed>
}

export const connectToServer = Effect.fnUntraced(function* (
  address: ServerAddress
): Effect.fn.Return<ServerClient, CommandFailed, Scope.Scope> {
  const followed = yield* Queue.unbounded<Followed & { readonly seq?: number }, CommandFailed>()
  const pending = new Map<string, Pending>()
  let subscription: { readonly id: string; readonly first: Subscription; readonly place: Place } | undefined
  let subscriptions = 0
  /** The version (position) of the last event received; `null` before the first and before `caught-up`. */
  let after: number | null = null
  /** The number of the last frame that was taken out of the queue, and of the last one acked, on this connection. */
  let processed = 0
  let acked = 0
  let socket: WebSocket | undefined

  const send = (frame: ClientFrame): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }
  const subscribe = (logId: string | null): void => {
    if (subscription === undefined) return
    const { first, id, place } = subscription
    send({
      type: "subscribe",
      id,
      subscription: after === null || logId === null ? first : place(after, logId)
    })
  }

  const onFrame = (frame: ServerFrame): void => {
    switch (frame.type) {
      case "receipt": {
        const { commandId } = frame.receipt
        const waiting = pending.get(commandId)
        pending.delete(commandId)
        if (waiting !== undefined) Deferred.doneUnsafe(waiting.receipt, Effect.succeed(frame.receipt))
        return
      }
      case "error": {
        const waiting = frame.commandId === undefined ? undefined : pending.get(frame.commandId)
        if (waiting !== undefined && frame.retryable) {
          setTimeout(() => send({ type: "command", command: waiting.command }), RECONNECT_PAUSE)
        } else if (waiting !== undefined) {
          pending.delete(waiting.command.commandId)
          Deferred.doneUnsafe(waiting.receipt, Effect.fail(commandFailed(frame.message)))
        } else if (frame.id === subscription?.id) Queue.offerUnsafe(followed, { type: "error", error: frame })
        return
      }
      case "ping":
        return send({ type: "pong" })
      case "events":
      case "live":
      case "snapshot":
      case "caught-up":
        return frame.id === subscription?.id ? onFollowed(frame) : undefined
      case "pong":
      case "threads":
      case "welcome":
        return
    }
  }

  const onFollowed = (frame: FollowedFrame): void => {
    switch (frame.type) {
      case "events": {
        const last = frame.events.at(-1)!
        after = "position" in last ? last.position : last.version
        Queue.offerUnsafe(followed, { type: "events", events: frame.events, seq: frame.seq })
        return
      }
      case "live":
        Queue.offerUnsafe(followed, frame)
        return
      case "snapshot":
        if (frame.view === undefined) return
        after = frame.view.version
        Queue.offerUnsafe(followed, { type: "snapshot", view: frame.view, seq: frame.seq })
        return
      case "caught-up":
        after = frame.version
        Queue.offerUnsafe(followed, { type: "caught-up", version: frame.version })
        return
    }
  }

  /** Connects and says hello; answers the log's name once welcomed. What ends the connection later goes to `lost`. */
  const open = (lost: () => void) =>
    Effect.callback<string, CommandFailed>((resume) => {
      const next = new WebSocket(address.url)
      let welcomed = false
      let refusal: string | undefined
      next.addEventListener("open", () => {
        const { token } = address
        next.send(
          JSON.stringify({ type: "hello", protocol: PROTOCOL, ...(token !== undefined && { token }) })
        )
      })
      next.addEventListener("message", (message: MessageEvent) => {
        const frame = JSON.parse(String(message.data)) as ServerFrame
        if (frame.type === "welcome") {
          welcomed = true
          socket = next
          processed = acked = 0
          return resume(Effect.succeed(frame.logId))
        }
        if (!welcomed && frame.type === "error") refusal = frame.message
        onFrame(frame)
      })
      next.addEventListener("close", () => {
        if (welcomed) return lost()
        resume(Effect.fail(commandFailed(refusal ?? noServer(address.url))))
      })
      next.addEventListener("error", () => {})
      return Effect.sync(() => next.close())
    })

  /** Waits for the end of the connection, connects again, and goes on where it was. */
  const keepConnected = Effect.fnUntraced(function* (first: Effect.Effect<void>, logId: string) {
    let gone = first
    while (true) {
      yield* gone
      socket = undefined
      const lost = yield* Deferred.make<void>()
      yield* open(() => Deferred.doneUnsafe(lost, Effect.void)).pipe(
        Effect.retry({ schedule: Schedule.spaced(RECONNECT_PAUSE), times: RECONNECT_FOR / RECONNECT_PAUSE }),
        Effect.mapError(() => commandFailed(wentAway(address.url)))
      )
      Queue.offerUnsafe(followed, { type: "reconnected" })
      subscribe(logId)
      for (const { command } of pending.values()) send({ type: "command", command })
      gone = Deferred.await(lost)
    }
  })

  const lost = yield* Deferred.make<void>()
  const logId = yield* open(() => Deferred.doneUnsafe(lost, Effect.void))
  yield* Effect.addFinalizer(() => Effect.sync(() => socket?.close(1000)))
  yield* keepConnected(Deferred.await(lost), logId).pipe(
    Effect.catchTag("CommandFailed", (error) =>
      Effect.sync(() => {
        for (const { receipt } of pending.values()) Deferred.doneUnsafe(receipt, Effect.fail(error))
        Queue.failCauseUnsafe(followed, Cause.fail(error))
      })
    ),
    Effect.forkScoped({ startImmediately: true })
  )

  return {
    command: (command) =>
      Effect.suspend(() => {
        const receipt = Deferred.makeUnsafe<Receipt, CommandFailed>()
        pending.set(command.commandId, { command, receipt })
        send({ type: "command", command })
        return Deferred.await(receipt)
      }),
    follow: (first, place) =>
      Effect.sync(() => {
        if (subscription !== undefined) send({ type: "unsubscribe", id: subscription.id })
        subscription = { id: `s${++subscriptions}`, first, place }
        after = null
        subscribe(null)
      }),
    take: Effect.suspend(() => {
      if (processed > acked) send({ type: "ack", seq: processed })
      acked = processed
      return Effect.tap(Queue.take(followed), ({ seq }) =>
        Effect.sync(() => {
          if (seq !== undefined) processed = seq
        })
      )
    })
  }
})

const noServer = (url: string) => `There is no server at ${shown(url)}: start one with ${invocation()} serve.`

const wentAway = (url: string) =>
  `The server at ${shown(url)} went away and did not come back within ${RECONNECT_FOR / 1_000} seconds; what it was told stands in its log.`

const shown = (url: string) => url.replace(/\/v1\/ws$/, "")
