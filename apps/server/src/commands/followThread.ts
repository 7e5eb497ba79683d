/** Where a thread stands, for a command that acts on it. */
import { type Subscription, ThreadId, type ThreadView } from "@spillway/contracts"
import { Effect, Schema } from "effect"
import { type CommandFailed, commandFailed } from "./CommandFailed.ts"
import type { ServerClient } from "./ServerClient.ts"

/** An id as it was typed. */
export const idOf = <A>(
  schema: Schema.Codec<A, string>,
  flag: string,
  text: string
): Effect.Effect<A, CommandFailed> =>
  Schema.decodeEffect(schema)(text).pipe(
    Effect.mapError(() => commandFailed(`${flag} must be an id: printable ASCII characters without spaces.`))
  )

export const threadIdOf = (text: string) => idOf(ThreadId, "--thread", text)

export const afterVersion =
  (threadId: ThreadId) =>
  (version: number, logId?: string): Subscription => ({
    to: "thread",
    threadId,
    from: logId === undefined ? { afterVersion: version } : { afterVersion: version, logId }
  })

/** The thread as it is now: its snapshot, and the events that follow it are of no interest. */
export const viewOf = Effect.fnUntraced(function* (
  client: ServerClient,
  threadId: ThreadId
): Effect.fn.Return<ThreadView, CommandFailed> {
  yield* client.follow({ to: "thread", threadId, from: "snapshot", live: false }, afterVersion(threadId))
  while (true) {
    const next = yield* client.take
    if (next.type === "snapshot") return next.view
    if (next.type !== "error" || next.error.retryable) continue
    return yield* commandFailed(
      next.error.code === "thread-not-found" ? `There is no thread ${threadId}.` : next.error.message
    )
  }
})
