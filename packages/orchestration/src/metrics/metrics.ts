/**
 * Every metric of Spillway: the one place where they are named. `docs/metrics.md` is this table for people, and a test compares the two.
 * Whoever owns a value shows it with `instruments.ts`; nothing is worked out before somebody reads the metrics.
 *
 * Names are `spillway_…`, units are base units, counters end in `_total`. A metric has one label at most, and its values are few. All of
 * them are this process's own; where several processes share a database, counters add up over them.
 */
import type { ServerFrame, ToolCallClosing, TurnOutcome } from "@spillway/contracts"

export interface MetricDefinition<K extends string = string, L extends string = string> {
  readonly name: string
  readonly kind: K
  /** What one of it is. */
  readonly unit: string
  readonly meaning: string
  /** The label's name, and its values; `values` is empty where they are known only when they come up. */
  readonly label: { readonly name: string; readonly values: ReadonlyArray<L> } | null
  /** Of a histogram: the upper bounds of its buckets, in its unit. */
  readonly buckets: ReadonlyArray<number>
}

export type CounterDefinition<L extends string = string> = MetricDefinition<"counter", L>
export type GaugeDefinition<L extends string = string> = MetricDefinition<"gauge", L>
export type HistogramDefinition<L extends string = string> = MetricDefinition<"histogram", L>

/** Of a command: what its sender got. `failed` is neither a yes nor a no: the database was out of reach, or we have a bug. */
export type CommandOutcome = "accepted" | "rejected" | "failed"

/** Why text left its buffer: it grew past the spill limit, its mode cuts there, something came behind it, or its part was complete. */
export type FlushReason = "spill" | "cut" | "boundary" | "close"

/** As the AI SDK names them, beside ours: `aborted` for a call that was cut off, `other` for all the rest. */
export const FINISH_REASONS = [
  "stop",
  "tool-calls",
  "length",
  "content-filter",
  "error",
  "aborted",
  "unknown",
  "other"
] as const
export type FinishReason = (typeof FINISH_REASONS)[number]

type Label<L extends string> = Readonly<Record<string, ReadonlyArray<L>>>

const define =
  <const K extends string>(kind: K) =>
  <const L extends string = never>(
    name: `spillway_${string}`,
    unit: string,
    meaning: string,
    options: { readonly label?: Label<L>; readonly buckets?: ReadonlyArray<number> } = {}
  ): MetricDefinition<K, L> => {
    const [label] = Object.entries(options.label ?? {})
    return {
      name,
      kind,
      unit,
      meaning,
      label: label === undefined ? null : { name: label[0], values: label[1] },
      buckets: options.buckets ?? []
    }
  }

const counter = define("counter")
const gauge = define("gauge")
const histogram = define("histogram")

/** From half a millisecond to the half minute after which an append's outcome counts as unknown. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Up to the most that one append takes. */
const BATCH = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

const outcomes: ReadonlyArray<TurnOutcome> = ["completed", "failed", "interrupted"]
const closings: ReadonlyArray<ToolCallClosing> = ["completed", "error", "denied"]
const commandOutcomes: ReadonlyArray<CommandOutcome> = ["accepted", "rejected", "failed"]
const flushReasons: ReadonlyArray<FlushReason> = ["spill", "cut", "boundary", "close"]

const frameTypes: ReadonlyArray<ServerFrame["type"]> = [
  "welcome",
  "receipt",
  "snapshot",
  "events",
  "live",
  "threads",
  "caught-up",
  "error",
  "ping",
  "pong"
]

export const metrics = {
  // ---- engine and log --------------------------------------------------------------------------------------------

  commits: counter("spillway_commits_total", "commits", "Appends that this process committed."),
  eventsCommitted: counter(
    "spillway_events_committed_total",
    "events",
    "Events in the appends that this process committed."
  ),
  commitConflicts: counter(
    "spillway_commit_conflicts_total",
    "appends",
    "Appends that found something in their way, mostly the events of another process, so that their commands were decided again."
  ),
  batchSize: histogram(
    "spillway_commit_batch_size",
    "commands",
    "Client commands and runtime batches in one committed append.",
    { buckets: BATCH }
  ),
  commitDuration: histogram(
    "spillway_commit_duration_seconds",
    "seconds",
    "From sending an append to knowing that it is committed.",
    { buckets: SECONDS }
  ),
  commandDuration: histogram(
    "spillway_command_duration_seconds",
    "seconds",
    "From a client command's dispatch to its receipt. `failed`: it got none, because the database was out of reach or the server has a bug.",
    { label: { outcome: commandOutcomes }, buckets: SECONDS }
  ),
  commandQueue: gauge(
    "spillway_command_queue",
    "commands",
    "Client commands and runtime batches that wait for the next append."
  ),
  logHead: gauge(
    "spillway_log_head",
    "position",
    "The last position of the log that this process has published."
  ),

  // ---- turns -----------------------------------------------------------------------------------------------------

  turns: counter("spillway_turns_total", "turns", "Turns whose end this process committed.", {
    label: { outcome: outcomes }
  }),
  activeTurns: gauge(
    "spillway_active_turns",
    "turns",
    "Turns that are active, by whether they wait for a person. Counted by the process that holds the lease; 0 in the others.",
    { label: { state: ["running", "parked"] } }
  ),
  steps: counter(
    "spillway_steps_total",
    "steps",
    "Steps whose end this process committed. `aborted`: cut off by the turn's end; `other`: whatever else a provider says.",
    { label: { finish_reason: FINISH_REASONS } }
  ),
  tokens: counter(
    "spillway_tokens_total",
    "tokens",
    "Tokens of the steps whose end this process committed, as the provider counted them.",
    { label: { direction: ["input", "output"] } }
  ),
  toolCalls: counter(
    "spillway_tool_calls_total",
    "tool calls",
    "Tool calls whose end this process committed. `denied`: a person said no.",
    { label: { outcome: closings } }
  ),

  // ---- ingestion -------------------------------------------------------------------------------------------------

  sessions: gauge(
    "spillway_sessions",
    "sessions",
    "Sessions with a provider runtime that run in this process."
  ),
  lanes: gauge("spillway_lanes", "lanes", "Lanes from a runtime to the log: one for each session."),
  longestLane: gauge(
    "spillway_longest_lane_events",
    "events",
    "Runtime events in the fullest lane, admitted and not done with."
  ),
  budgetUsed: gauge(
    "spillway_ingestion_budget_used_events",
    "events",
    "Runtime events in all lanes, admitted and not done with."
  ),
  budgetLimit: gauge(
    "spillway_ingestion_budget_limit_events",
    "events",
    "How many runtime events all lanes may hold together."
  ),
  waitingProducers: gauge(
    "spillway_waiting_producers",
    "producers",
    "Runtimes that are kept waiting, because their lane or the budget is full, or because their text can't be kept."
  ),
  textFlushes: counter(
    "spillway_text_flushes_total",
    "flushes",
    "Pieces of text that left a buffer for the log. `spill`: the buffer grew past its limit; `cut`: the delivery mode cuts there; `boundary`: something comes behind the text; `close`: its part is complete.",
    { label: { reason: flushReasons } }
  ),
  textFlushed: counter(
    "spillway_text_flushed_code_units_total",
    "UTF-16 code units",
    "Text that left a buffer for the log, by the same reasons.",
    { label: { reason: flushReasons } }
  ),
  liveFrames: counter(
    "spillway_live_frames_published_total",
    "frames",
    "Live frames that sessions gave to the live lane, watched or not."
  ),

  // ---- followers of the log --------------------------------------------------------------------------------------

  projectionLag: gauge(
    "spillway_projection_lag_positions",
    "positions",
    "How far a projection is behind the log. Looked up every five seconds.",
    { label: { projection: [] as ReadonlyArray<string> } }
  ),
  projectionLagSeconds: gauge(
    "spillway_projection_lag_seconds",
    "seconds",
    "The age of the first event that a projection does not hold; 0 when it holds all. Looked up every five seconds.",
    { label: { projection: [] as ReadonlyArray<string> } }
  ),
  projectionFailed: gauge(
    "spillway_projection_failed",
    "0 or 1",
    "1 while a projection can't get past an event. Looked up every five seconds.",
    { label: { projection: [] as ReadonlyArray<string> } }
  ),
  projectionRebuildRatio: gauge(
    "spillway_projection_rebuild_ratio",
    "0 to 1",
    "The share of the log that the new tables of a rebuild hold, whichever process runs it; 1 when there is none. Looked up every five seconds.",
    { label: { projection: [] as ReadonlyArray<string> } }
  ),
  projectionRebuildRunning: gauge(
    "spillway_projection_rebuild_running",
    "0 or 1",
    "1 while a process rebuilds; 0 otherwise, also where a rebuild was cut off. Looked up every five seconds.",
    { label: { projection: [] as ReadonlyArray<string> } }
  ),
  leaseHeld: gauge(
    "spillway_lease_held",
    "0 or 1",
    "1 in the process that holds the lease and so runs the turns."
  ),
  databaseAway: gauge(
    "spillway_database_away",
    "0 or 1",
    "1 while this process finds the database away, or can't write to it. Commands wait meanwhile."
  ),
  databaseOutages: counter(
    "spillway_database_outages_total",
    "outages",
    "Times that the database was found away, for half a second or longer."
  ),
  listenReconnections: counter(
    "spillway_listen_reconnections_total",
    "connections",
    "Times that the connection on which other processes' commits are told was lost or could not be made, and was tried again."
  ),

  // ---- doors -----------------------------------------------------------------------------------------------------

  runtimeHosts: gauge("spillway_runtime_hosts", "hosts", "Processes that are connected to run turns."),
  remoteSessions: gauge(
    "spillway_remote_sessions",
    "sessions",
    "Sessions whose runtime is in another process, by whether that is connected.",
    { label: { host: ["connected", "awaited"] } }
  ),
  runtimeReports: counter(
    "spillway_runtime_reports_total",
    "reports",
    "Reports of runtimes in other processes: new ones, those that were taken in before, and those with a gap before them or beyond their credit.",
    { label: { outcome: ["taken", "repeated", "refused"] } }
  ),
  sockets: gauge("spillway_sockets", "sockets", "Websockets that are open."),
  subscriptions: gauge(
    "spillway_subscriptions",
    "subscriptions",
    "What is followed on websockets, by what it is.",
    { label: { kind: ["thread", "threads", "log"] } }
  ),
  eventStreams: gauge("spillway_event_streams", "streams", "Server-sent event streams that are open."),
  framesSent: counter("spillway_frames_sent_total", "frames", "Frames sent on websockets.", {
    label: { type: frameTypes }
  }),
  bytesSent: counter(
    "spillway_frames_sent_bytes_total",
    "bytes",
    "JSON text of the frames sent on websockets."
  ),
  liveFramesDropped: counter(
    "spillway_live_frames_dropped_total",
    "drops",
    "Times that live text which waited for a client was given up for want of room, to start again from the tail."
  ),
  creditStalls: counter(
    "spillway_credit_stalls_total",
    "stalls",
    "Times that a websocket ran out of credit while something waited to be sent."
  ),
  readerPauses: counter(
    "spillway_reader_pauses_total",
    "pauses",
    "Times that events which waited for a client were let go of, to be read from the log once it takes more."
  ),
  pausedReads: gauge(
    "spillway_paused_reads",
    "sockets",
    "Websockets that are not read, because the client does not take what it is sent, has too many commands under way, or sent too many frames at once."
  ),
  stalledCloses: counter(
    "spillway_stalled_closes_total",
    "sockets",
    "Websockets closed with 4408, because their client acked nothing for too long."
  ),
  wrongCloses: counter(
    "spillway_wrong_closes_total",
    "sockets",
    "Websockets closed with 4429, because frame after frame was wrong."
  ),
  turnedAway: counter(
    "spillway_turned_away_total",
    "clients",
    "Websockets, event streams and requests answered with 503, because the process has as many as it takes.",
    { label: { what: ["sockets", "streams", "requests"] } }
  )
} as const
