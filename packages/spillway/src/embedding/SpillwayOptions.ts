/** What a service says about the Spillway that it wants. */
import type { LogEntry, SpillwayLogLevel } from "./LogEntry.ts"
import type { Runtime } from "./runtimes/Runtime.ts"

/** Takes secrets out of text, tool arguments and results before they reach the log or anybody's eye. */
export interface Redactor {
  /** Redacts one text while it streams; what may be the beginning of a secret is held back by `push` and given by `end`. */
  readonly stream: () => {
    readonly push: (delta: string) => string
    readonly end: () => string
    /** Whether it holds something back, or is in the middle of a secret. Such text is not acked; without this, none is before a boundary. */
    readonly holds?: () => boolean
  }
  readonly text: (value: string) => string
  /** Every string of a JSON value, keys included. */
  readonly json: <A>(value: A) => A
}

/** Where assistant text is cut into durable pieces. Lengths in UTF-16 code units, times in milliseconds. */
export interface TextLimits {
  /** In every mode, text that waits is written once it grows past this. Default: 24,000. */
  readonly spill?: number
  /** In `streaming`, text is written at this length … Default: 2,000. */
  readonly streamingSegment?: number
  /** … or when its oldest piece has waited this long. Default: 2,000. */
  readonly streamingAge?: number
  /** In `paragraph`, writes are at least this far apart. Default: 400. */
  readonly paragraphInterval?: number
}

export interface SpillwayOptions {
  /**
   * The address of a Postgres, 15 or newer (`postgres://user:password@host/database`; everything is in its schema `spillway`), or a
   * directory for the embedded one, of the package `@spillway/embedded-postgres`.
   */
  readonly database: string | { readonly directory: string }
  /** What turns run on. The first is the default. */
  readonly runtimes: readonly [Runtime, ...ReadonlyArray<Runtime>]
  /** Whose threads they are where `as()` does not say. Default: `default`. */
  readonly tenant?: string
  /** Who asks where `as()` does not say. Default: `service`. */
  readonly actor?: string
  /** `false` lets everything through. Default: one that knows the shapes of common keys and tokens. */
  readonly redactor?: Redactor | false
  readonly limits?: TextLimits
  /** A turn fails with `RuntimeStalled` once its runtime has said nothing for this long; waiting for a person does not count. Default: 600. */
  readonly runtimeStallSeconds?: number
  /** A command waits this long while the database is away, then fails so that it can be sent again. Default: 10. */
  readonly commandWaitSeconds?: number
  /** An interrupted turn ends after this long, whatever its runtime does. Default: 10. */
  readonly interruptGraceSeconds?: number
  /** What clients of the doors must send. Without one only clients on this machine are let in. */
  readonly token?: string
  /** Origins of web pages that are let in by name: `https://app.example.com`. Pages on loopback always are. */
  readonly allowedOrigins?: ReadonlyArray<string>
  /** What runtimes in other processes must send to be given turns. Without one none is let in. Another one than `token`. */
  readonly runtimeToken?: string
  /** So long a turn waits for such a runtime to connect, or to come back; after a restart at most 10. Default: 10. */
  readonly runtimeGraceSeconds?: number
  /** A websocket that leaves everything un-acked for this long is closed. Default: 30. */
  readonly clientStallSeconds?: number
  /** Websockets open at once; one more is answered with 503. Default: 4096. */
  readonly maxSockets?: number
  /** Event streams open at once, likewise. Default: 1024. */
  readonly maxStreams?: number
  /** Frames of one websocket that are read in a second; past it they wait unread. Default: 1000. */
  readonly framesPerSecond?: number
  /** Default: `warn`. */
  readonly logLevel?: SpillwayLogLevel
  /** Gets what is logged. Default: one line each on stderr. */
  readonly onLog?: (entry: LogEntry) => void
}
