/** What a server says over one websocket: the whole log as it grows, and the receipts of the commands that it is sent. */
import type { ClientCommand, CommandId, LoggedEvent, Receipt, ThreadId } from "@spillway/contracts"
import { Effect, type Scope } from "effect"
import { connect } from "spillway/testing"

export type EventOf<T extends LoggedEvent["type"]> = Extract<LoggedEvent, { readonly type: T }>

export interface LogWatch {
  /** Every event so far. */
  readonly log: ReadonlyArray<LoggedEvent>
  readonly eventsOf: (threadId: ThreadId) => ReadonlyArray<LoggedEvent>
  /** The first event of the thread that fits, there already or to come. Fails the test when the server goes away before. */
  readonly until: <E extends LoggedEvent>(
    threadId: ThreadId,
    fits: (event: LoggedEvent) => event is E
  ) => Effect.Effect<E>
  readonly untilType: <T extends LoggedEvent["type"]>(
    threadId: ThreadId,
    type: T
  ) => Effect.Effect<EventOf<T>>
  /** Sends commands, and waits for nothing. */
  readonly send: (commands: ReadonlyArray<ClientCommand>) => Effect.Effect<void>
  /** Sends a command; its receipt. */
  readonly dispatch: (command: ClientCommand) => Effect.Effect<Receipt>
}

/** @param server its address, as `ws://host:port`. */
export const watchLog = Effect.fnUntraced(function* (
  server: string
): Effect.fn.Return<LogWatch, never, Scope.Scope> {
  const client = yield* Effect.orDie(connect({ url: `${server}/v1/ws` }))
  const log: Array<LoggedEvent> = []
  const receipts = new Map<CommandId, Receipt>()
  const looking = new Set<() => void>()
  let ended: string | undefined

  const look = () => {
    for (const look of looking) look()
  }
  yield* client.next.pipe(
    Effect.map((frame) => {
      if (frame.type === "events") log.push(...(frame.events as ReadonlyArray<LoggedEvent>))
      if (frame.type === "receipt") receipts.set(frame.receipt.commandId, frame.receipt)
      // What goes on by itself is no end.
      if (frame.type === "error" && !frame.retryable) ended = frame.message
      look()
    }),
    Effect.forever,
    Effect.ensuring(
      Effect.sync(() => {
        ended ??= "The server is gone."
        look()
      })
    ),
    Effect.ignore,
    Effect.forkScoped
  )
  yield* client.send({
    type: "subscribe",
    id: "log",
    subscription: { to: "log", from: { afterPosition: 0 } }
  })

  const seen = <A>(find: () => A | undefined) =>
    Effect.callback<A>((resume) => {
      const look = () => {
        const found = find()
        if (found === undefined && ended === undefined) return
        looking.delete(look)
        resume(found === undefined ? Effect.die(new Error(ended)) : Effect.succeed(found))
      }
      looking.add(look)
      look()
      return Effect.sync(() => void looking.delete(look))
    })
  const until = <E extends LoggedEvent>(threadId: ThreadId, fits: (event: LoggedEvent) => event is E) =>
    seen(() => log.find((event): event is E => event.threadId === threadId && fits(event)))
  const send: LogWatch["send"] = (commands) =>
    Effect.forEach(commands, (command) => client.send({ type: "command", command }), { discard: true })

  return {
    log,
    eventsOf: (threadId) => log.filter((event) => event.threadId === threadId),
    until,
    untilType: (threadId, type) =>
      until(threadId, (event): event is EventOf<typeof type> => event.type === type),
    send,
    dispatch: (command) =>
      Effect.andThen(
        send([command]),
        seen(() => receipts.get(command.commandId))
      )
  }
})
