/**
 * What the endpoints answer with. Whatever comes in pages has a `next`: the cursor to ask for the following page with, `null` when this
 * one was the last.
 */
import { Schema } from "effect"
import { ClientEvent, LoggedEvent } from "../Envelope.ts"
import { ServerLimits } from "../Protocol.ts"
import { SearchHit } from "../Search.ts"
import { MessageView, ThreadSummary, ThreadView, TurnView } from "../thread-view/ThreadView.ts"

const Next = Schema.NullOr(Schema.String)

/** Last updated first. */
export const ThreadsPage = Schema.Struct({ threads: Schema.Array(ThreadSummary), next: Next })
export type ThreadsPage = typeof ThreadsPage.Type

/** `before`: the oldest turn held, when the thread has older ones. */
export const ThreadViewPage = Schema.Struct({ view: ThreadView, before: Next })
export type ThreadViewPage = typeof ThreadViewPage.Type

/** The last ones, in the order in which they were asked for; `next` leads to older ones. */
export const TurnsPage = Schema.Struct({ turns: Schema.Array(TurnView), next: Next })
export type TurnsPage = typeof TurnsPage.Type

/** The last ones, turns in the order in which they were asked for, and in a turn the log's order; `next` leads to older ones. */
export const MessagesPage = Schema.Struct({ messages: Schema.Array(MessageView), next: Next })
export type MessagesPage = typeof MessagesPage.Type

/** Titles first, then messages, of each the newest first. */
export const SearchPage = Schema.Struct({ hits: Schema.Array(SearchHit), next: Next })
export type SearchPage = typeof SearchPage.Type

const NextAfter = Schema.NullOr(Schema.Int)

/** `version`: of the thread, when this was read. `next`: what to give as `after` for the following page. */
export const ThreadEventsPage = Schema.Struct({
  logId: Schema.String,
  version: Schema.Int,
  events: Schema.Array(ClientEvent),
  next: NextAfter
})
export type ThreadEventsPage = typeof ThreadEventsPage.Type

/** `head`: the position of the log's last event, when this was read. */
export const LogEventsPage = Schema.Struct({
  logId: Schema.String,
  head: Schema.Int,
  events: Schema.Array(LoggedEvent),
  next: NextAfter
})
export type LogEventsPage = typeof LogEventsPage.Type

export const ServerInfo = Schema.Struct({
  server: Schema.String,
  version: Schema.String,
  /** The websocket's. */
  protocol: Schema.String,
  /** Names the log. Positions, versions and cursors of another log mean nothing here. */
  logId: Schema.String,
  /** What turns run on when a start names no runtime. */
  defaultRuntime: Schema.String,
  limits: ServerLimits
})
export type ServerInfo = typeof ServerInfo.Type

export const Liveness = Schema.Struct({ status: Schema.Literal("live") })

const readiness = {
  database: Schema.Literals(["reachable", "unreachable"]),
  /** How the database is away, and since when; one that is `read-only` or `disk-full` can be reached. It goes on by itself. */
  outage: Schema.NullOr(
    Schema.Struct({
      reason: Schema.Literals([
        "unreachable",
        "no-answer",
        "starting",
        "stopping",
        "too-many-connections",
        "login-refused",
        "read-only",
        "disk-full"
      ]),
      /** ISO 8601. */
      since: Schema.String
    })
  ),
  /** Another process runs the turns when this one does not; commands are taken all the same. */
  lease: Schema.Literals(["held", "not-held"]),
  projections: Schema.Array(
    Schema.Struct({
      projection: Schema.String,
      /** Events of the log that it has not taken in yet. */
      behind: Schema.Int,
      /** Why it stands still. */
      failed: Schema.NullOr(Schema.String)
    })
  ),
  /** Durable subscriptions of whoever embeds the server, wherever they run. One that stands still keeps no command from being taken. */
  subscriptions: Schema.Array(
    Schema.Struct({
      subscription: Schema.String,
      state: Schema.Literals(["running", "retrying", "stopped", "idle"]),
      /** Events of the log that it has not handled yet. */
      behind: Schema.Int,
      /** Why it stands still. */
      failed: Schema.NullOr(Schema.String)
    })
  )
}

export const Ready = Schema.Struct({ status: Schema.Literal("ready"), ...readiness })
export const NotReady = Schema.Struct({ status: Schema.Literal("not-ready"), ...readiness })
