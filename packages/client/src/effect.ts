/** The client for programs written with Effect: the same threads as effects and streams, with their errors in the types. */
import type {
  DeliveryMode,
  MessageId,
  RequestResponse,
  ThreadId,
  TurnId,
  TurnView
} from "@spillway/contracts"
import { Cause, Context, Effect, Layer, Queue, Schema, Stream } from "effect"
import { connect, type ConnectOptions, type SpillwayClient as Client } from "./connect.ts"
import type { ConnectionStatus } from "./Connection.ts"
import * as plain from "./errors.ts"
import type { Followed } from "./Followed.ts"
import type { Described, SendOptions, Sent, SentTurn, Thread as PlainThread } from "./Thread.ts"
import type { ThreadListState } from "./ThreadList.ts"
import type { ThreadState } from "./ThreadState.ts"

export type { ConnectOptions, ConnectionStatus, Described, SendOptions, ThreadListState, ThreadState }

/** The server decided against a command; `code` says why, `message` what to do. */
export class CommandRejected extends Schema.TaggedError<CommandRejected>("@spillway/client/CommandRejected")(
  "CommandRejected",
  { code: Schema.String, message: Schema.String }
) {}

/** A command got no receipt: it was refused as such, or nobody waits for it any longer. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>("@spillway/client/CommandFailed")(
  "CommandFailed",
  { code: Schema.String, message: Schema.String }
) {}

/** The server does not let this client in, or the client was closed. */
export class Disconnected extends Schema.TaggedError<Disconnected>("@spillway/client/Disconnected")(
  "Disconnected",
  { code: Schema.String, message: Schema.String }
) {}

/** A page of older turns could not be had. */
export class OlderTurnsFailed extends Schema.TaggedError<OlderTurnsFailed>(
  "@spillway/client/OlderTurnsFailed"
)("OlderTurnsFailed", { message: Schema.String }) {}

export type CommandError = CommandRejected | CommandFailed

/** A commit: the thread's version of the last event that the command caused. */
export interface Committed {
  readonly version: number
}

export interface CommittedTurn extends Committed {
  readonly turnId: TurnId
  readonly messageId: MessageId
}

/** As in the Promise face; each command succeeds after its commit. Interrupting one does not take it back. */
export interface Thread {
  readonly id: ThreadId
  readonly state: Effect.Effect<ThreadState>
  /** The state now, and again after each change; follows the thread while it runs. Whoever is slow misses states, never the last one. */
  readonly states: Stream.Stream<ThreadState, Disconnected>
  readonly until: (fits: (state: ThreadState) => boolean) => Effect.Effect<ThreadState, Disconnected>
  readonly send: (text: string, options?: SendOptions) => Effect.Effect<CommittedTurn, CommandError>
  readonly steer: (text: string) => Effect.Effect<CommittedTurn, CommandError>
  readonly interrupt: (turnId?: string) => Effect.Effect<Committed, CommandError>
  readonly respond: (requestId: string, response: RequestResponse) => Effect.Effect<Committed, CommandError>
  readonly retry: (turnId?: string) => Effect.Effect<CommittedTurn, CommandError>
  readonly create: (described?: Described) => Effect.Effect<Committed, CommandError>
  readonly update: (described: Described) => Effect.Effect<Committed, CommandError>
  readonly archive: Effect.Effect<Committed, CommandError>
  readonly unarchive: Effect.Effect<Committed, CommandError>
  readonly delete: Effect.Effect<Committed, CommandError>
  /** Sends a pending command again that was turned down. */
  readonly resend: (commandId: string) => Effect.Effect<Committed, CommandError>
  readonly dismiss: (commandId: string) => Effect.Effect<void>
  readonly loadOlder: (limit?: number) => Effect.Effect<boolean, OlderTurnsFailed>
  readonly ended: (turnId: string) => Effect.Effect<TurnView, Disconnected>
  /** The delivery mode of sends to this thread that name none. */
  readonly setDeliveryMode: (mode: DeliveryMode | undefined) => Effect.Effect<void>
}

export class SpillwayClient extends Context.Service<
  SpillwayClient,
  {
    readonly connection: Stream.Stream<ConnectionStatus>
    readonly threads: Stream.Stream<ThreadListState, Disconnected>
    /** A thread. Without an id, a new one, which its first send creates. */
    readonly thread: (id?: string) => Thread
    /** Connects at once: after a refusal, or instead of waiting. */
    readonly reconnect: Effect.Effect<void>
    /** The same client as the Promise face knows it. */
    readonly plain: Client
  }
>()("@spillway/client/SpillwayClient") {
  /** Closed with its scope. */
  static readonly layer = (options: ConnectOptions): Layer.Layer<SpillwayClient> =>
    Layer.effect(
      SpillwayClient,
      Effect.acquireRelease(
        Effect.sync(() => connect(options)),
        (client) => Effect.sync(() => client.close())
      ).pipe(Effect.map(serviceOf))
    )
}

const serviceOf = (client: Client): SpillwayClient["Service"] => ({
  connection: statusesOf(client),
  threads: statesOf(client, client.threads()),
  thread: (id) => threadOf(client, client.thread(id)),
  reconnect: Effect.sync(() => client.reconnect()),
  plain: client
})

const threadOf = (client: Client, thread: PlainThread): Thread => ({
  id: thread.id,
  state: Effect.sync(() => thread.state),
  states: statesOf(client, thread),
  until: (fits) => untilDisconnected(() => thread.until(fits)),
  send: (text, options) => committedTurn(() => thread.send(text, options)),
  steer: (text) => committedTurn(() => thread.steer(text)),
  interrupt: (turnId) => committed(() => thread.interrupt(turnId)),
  respond: (requestId, response) => committed(() => thread.respond(requestId, response)),
  retry: (turnId) => committedTurn(() => thread.retry(turnId)),
  create: (described) => committed(() => thread.create(described)),
  update: (described) => committed(() => thread.update(described)),
  archive: committed(() => thread.archive()),
  unarchive: committed(() => thread.unarchive()),
  delete: committed(() => thread.delete()),
  resend: (commandId) => committed(() => thread.resend(commandId)),
  dismiss: (commandId) => Effect.sync(() => thread.dismiss(commandId)),
  loadOlder: (limit) =>
    Effect.tryPromise({
      try: () => thread.loadOlder(limit),
      catch: (error) => new OlderTurnsFailed({ message: (error as Error).message })
    }),
  ended: (turnId) => untilDisconnected(() => thread.ended(turnId)),
  setDeliveryMode: (mode) => Effect.sync(() => void (thread.deliveryMode = mode))
})

const commandError = (error: unknown): CommandError => {
  const { code, message } = error as plain.CommandRejected | plain.CommandFailed
  return error instanceof plain.CommandRejected
    ? new CommandRejected({ code, message })
    : new CommandFailed({ code, message })
}

const committedWith = <S extends Sent, A>(give: () => S, answer: (sent: S, version: number) => A) =>
  Effect.suspend(() => {
    const sent = give()
    return Effect.map(Effect.tryPromise({ try: () => sent.accepted, catch: commandError }), ({ version }) =>
      answer(sent, version)
    )
  })

const committed = (give: () => Sent): Effect.Effect<Committed, CommandError> =>
  committedWith(give, (_, version) => ({ version }))

const committedTurn = (give: () => SentTurn): Effect.Effect<CommittedTurn, CommandError> =>
  committedWith(give, ({ messageId, turnId }, version) => ({ version, turnId, messageId }))

const disconnected = ({ code, message }: plain.Disconnected) => new Disconnected({ code, message })

const untilDisconnected = <A>(wait: () => Promise<A>): Effect.Effect<A, Disconnected> =>
  Effect.tryPromise({ try: wait, catch: (error) => disconnected(error as plain.Disconnected) })

/** Holds the last state that was not taken, and no more. */
const lastOnly = { bufferSize: 1, strategy: "sliding" } as const

const statesOf = <State>(client: Client, followed: Followed<State>): Stream.Stream<State, Disconnected> =>
  Stream.callback<State, Disconnected>((queue) => {
    let last: State | undefined
    const tell = () => {
      if (followed.state !== last) Queue.offerUnsafe(queue, (last = followed.state))
      const status = client.connection.state
      if (status.state === "refused") Queue.failCauseUnsafe(queue, Cause.fail(disconnected(status.error)))
      if (status.state === "closed") Queue.endUnsafe(queue)
    }
    return whileListening([followed, client.connection], tell)
  }, lastOnly)

const statusesOf = (client: Client): Stream.Stream<ConnectionStatus> =>
  Stream.callback<ConnectionStatus>((queue) => {
    const tell = () => {
      Queue.offerUnsafe(queue, client.connection.state)
      if (client.connection.state.state === "closed") Queue.endUnsafe(queue)
    }
    return whileListening([client.connection], tell)
  }, lastOnly)

const whileListening = (to: ReadonlyArray<Pick<Followed<unknown>, "subscribe">>, tell: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const stops = to.map(({ subscribe }) => subscribe(tell))
      tell()
      return stops
    }),
    (stops) =>
      Effect.sync(() => {
        for (const stop of stops) stop()
      })
  )
