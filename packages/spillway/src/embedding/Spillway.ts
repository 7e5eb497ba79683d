/** A Spillway that runs inside a service. */
import type { LoggedEvent, ThreadEventType } from "@spillway/contracts"
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http"
import type { Server as HttpsServer } from "node:https"
import type { Duplex } from "node:stream"
import type { Projections } from "./projections/Projections.ts"
import type {
  Query,
  RunningSubscription,
  Subscription,
  SubscriptionOptions,
  SubscriptionStatus
} from "./subscriptions/Subscription.ts"
import type { EventsOptions, Threads } from "./Threads.ts"

export interface Spillway extends Threads {
  /** The whole log, of all tenants, in the order of its commits, each event once. */
  readonly log: (options?: EventsOptions) => AsyncIterable<LoggedEvent>
  /** The position of the log's last event; 0 in an empty log. */
  readonly head: () => Promise<number>
  /**
   * Runs a durable subscription to the whole log in this process, until it is stopped or this is closed. Its checkpoint is in the
   * database: it goes on where it was, whichever process runs it, and of several processes one handles its events at a time.
   */
  readonly subscribe: <T extends ThreadEventType = ThreadEventType>(
    options: SubscriptionOptions<T>
  ) => Promise<RunningSubscription>
  /** A durable subscription by its name. Nothing is looked up. */
  readonly subscription: (name: string) => Subscription
  /** All that this database knows of, by name. */
  readonly subscriptions: () => Promise<ReadonlyArray<SubscriptionStatus>>
  /** SQL in the same database, for tables of your own: what a subscription has written. */
  readonly query: Query
  /** The read models: how far they are, built again, and compared with the log. */
  readonly projections: Projections
  /**
   * Opens the doors (websocket, HTTP API, event streams, health) on a server of the service, below `path` (default `/spillway`). All
   * other requests and upgrades go where they went before. The result takes them off again; so does `close()`.
   */
  readonly mount: (server: HttpServer | HttpsServer, options?: { readonly path?: string }) => () => void
  /**
   * The doors as a connect-style handler: `app.use("/spillway", spillway.requestHandler)`. What is no path of theirs goes to `next`,
   * where there is one.
   */
  readonly requestHandler: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void
  /** Takes an upgrade if it is the websocket's, and says whether it did. */
  readonly upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  /**
   * Opens the doors on a server of their own. Default: a free port of 127.0.0.1. Elsewhere it takes a `token`.
   */
  readonly listen: (options?: {
    readonly host?: string
    readonly port?: number
  }) => Promise<{ readonly url: string; readonly port: number }>
  /**
   * Takes nothing more, ends every iteration, commits what is under way, stops the runtimes, and closes the database last. Nothing is
   * left behind that would keep the process alive. Closing twice is closing once.
   */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}
