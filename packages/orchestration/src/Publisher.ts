/**
 * Hands committed events on, in the log's order and without gaps, to whoever in this process follows the log.
 */
import type { LoggedEvent } from "@spillway/contracts"
import { Context, type Effect, type Scope, type Stream } from "effect"
import type { Unavailable } from "./EventLog.ts"

export class Publisher extends Context.Service<
  Publisher,
  {
    /** The engine's own commits, right after they happened. A batch that does not follow the last one has its gap read first. */
    readonly publish: (events: ReadonlyArray<LoggedEvent>) => Effect.Effect<void>
    /** The last published position. */
    readonly head: () => number
    /**
     * Everything after a position, for ever, in batches that are never empty: from memory while it reaches back far enough, else from
     * the log. A slow reader costs no memory. Fails when the log can't be read; follow again from the last position.
     */
    readonly follow: (afterPosition: number) => Stream.Stream<ReadonlyArray<LoggedEvent>, Unavailable>
    /**
     * Calls `listener` with every batch published from now on, in order, on the publishing fiber: it must be quick and must not
     * throw. Taken off when the scope closes.
     */
    readonly onPublish: (listener: (events: ReadonlyArray<LoggedEvent>) => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@spillway/orchestration/Publisher") {}
