/** What Spillway logs, as a service gets it. */
export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error"
  readonly message: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** What the message is about, by name. */
  readonly annotations: Readonly<Record<string, unknown>>
  /** Stack and reason, where something failed. */
  readonly cause?: string
}

/** The least that is logged; `none` for nothing. */
export type SpillwayLogLevel = LogEntry["level"] | "none"
