/** Plays a folder of recordings through whole servers, every way that is asked for, and adds up what was seen. */
import type { DeliveryMode } from "@spillway/contracts"
import { DEFAULT_CUT_LIMITS, IngestionSettings, noRedactor, Redactor } from "@spillway/runtime-ingestion"
import {
  checkProjections,
  type CheckReport,
  layerBesideServers,
  layerSpillway,
  Listener,
  type SpillwaySettings,
  WEBSOCKET_PATH
} from "spillway/effect"
import { Effect, Layer, type Redacted, Schema } from "effect"
import { type Break, makeFaults } from "./breaks.ts"
import type { Mismatch } from "./compare.ts"
import { type ObservedConversation, totals, type Totals } from "./ObservedConversation.ts"
import { oracleObservations } from "./oracleObservations.ts"
import { playConversation, type Played, type TurnEnding } from "./playConversation.ts"
import { type Conversation, readRecordingIndex, type Skipped } from "./RecordingIndex.ts"
import type { Cuts } from "./recut.ts"
import { makeReplayRuntime } from "./replayRuntime.ts"
import { ReplayServer } from "./ReplayServer.ts"

/** Milliseconds after which a turn that has not ended counts as stuck. Recorded answers come at full speed. */
export const TURN_LIMIT = 60_000

/** Conversations that are played at once. */
const AT_ONCE = 16

/** The spill limit of the second pass, in code units: small, so that most texts spill. */
const SMALL_SPILL = 64

/** A server of a pass did not start. */
export class PassFailed extends Schema.TaggedError<PassFailed>()("PassFailed", { message: Schema.String }) {}

export interface RunOptions {
  readonly folder: string
  readonly databaseUrl: Redacted.Redacted
  readonly seed: string
  /** Plays only conversations whose id contains this. */
  readonly only: string | undefined
  readonly break: Break | undefined
  readonly turnLimit?: number
  /** Told of each pass as it ends. */
  readonly onPass?: (pass: PassReport) => void
}

/** Every conversation played once, under one delivery mode. */
export interface PassReport extends Totals {
  readonly mode: DeliveryMode
  readonly bytes: "as recorded" | "cut anew"
  readonly spill: number
  readonly conversations: number
  readonly completed: number
  readonly interrupted: number
  readonly stuck: number
  /** Conversations in which somebody saw something else than the oracle. */
  readonly mismatched: number
  readonly breaksPlanted: number
  /** Of the planted ones, those whose conversation mismatched. */
  readonly breaksReported: number
  readonly liveFrames: number
  readonly seconds: number
  readonly mismatches: ReadonlyArray<Mismatch>
}

export interface RunReport {
  readonly folder: string
  readonly seed: string
  readonly only: string | undefined
  readonly files: number
  readonly conversations: number
  /** What the oracle saw. Each pass has to come to the same. */
  readonly oracle: Totals
  readonly passes: ReadonlyArray<PassReport>
  readonly skipped: ReadonlyArray<Skipped>
  /** How the read models compare with the log, after all passes. */
  readonly readModels: ReadonlyArray<CheckReport>
}

interface Pass {
  readonly mode: DeliveryMode
  readonly spill: number
  readonly cuts: Cuts
}

const passesOf = (seed: string): ReadonlyArray<Pass> => {
  const events: Cuts = { _tag: "events" }
  const anywhere: Cuts = { _tag: "anywhere", seed }
  return [
    { mode: "buffered", spill: DEFAULT_CUT_LIMITS.spill, cuts: events },
    { mode: "streaming", spill: DEFAULT_CUT_LIMITS.spill, cuts: events },
    { mode: "buffered", spill: SMALL_SPILL, cuts: anywhere },
    { mode: "streaming", spill: SMALL_SPILL, cuts: anywhere }
  ]
}

interface Playable {
  readonly conversation: Conversation
  readonly oracle: ObservedConversation
}

export const runRecordings = Effect.fn("runRecordings")(function* (options: RunOptions) {
  const index = yield* readRecordingIndex(options.folder)
  const observed = yield* oracleObservations(options.folder)
  const isAsked = ({ id }: Conversation) => options.only === undefined || id.includes(options.only)
  const playable: Array<Playable> = []
  const skipped = [...index.skipped]
  for (const conversation of index.conversations.filter(isAsked)) {
    const oracle = observed.get(conversation.id)
    if (oracle !== undefined) playable.push({ conversation, oracle })
    else
      for (const { file } of conversation.calls)
        skipped.push({ file, reason: "The oracle saw nothing of it.", isExplained: false })
  }
  const passes = yield* Effect.forEach(passesOf(options.seed), (pass, number) =>
    Effect.tap(playAll(playable, pass, number, options), (report) =>
      Effect.sync(() => options.onPass?.(report))
    )
  )
  const { databaseUrl } = options
  const readModels = yield* Effect.provide(
    checkProjections(),
    layerBesideServers({ databaseUrl, dataDirectory: "" })
  )
  return {
    folder: options.folder,
    seed: options.seed,
    only: options.only,
    files: index.files,
    conversations: playable.length,
    oracle: totals(playable.map(({ oracle }) => oracle)),
    passes,
    skipped,
    readModels
  } satisfies RunReport
})

/** One server, from its start to its end. */
const playAll = Effect.fnUntraced(function* (
  playable: ReadonlyArray<Playable>,
  pass: Pass,
  number: number,
  options: RunOptions
) {
  const since = performance.now()
  const runtime = makeReplayRuntime()
  const played = yield* Effect.gen(function* () {
    const { address } = yield* Listener
    const url = `ws://${address}${WEBSOCKET_PATH}`
    return yield* Effect.forEach(
      playable,
      Effect.fnUntraced(function* ({ conversation, oracle }, place) {
        const faults = makeFaults(options.break)
        const outcome = yield* playConversation({
          conversation,
          oracle,
          name: `play-${number}-${place}`,
          mode: pass.mode,
          cuts: pass.cuts,
          url,
          runtime,
          faults,
          turnLimit: options.turnLimit ?? TURN_LIMIT
        }).pipe(
          // What can't be played to its end is reported with its conversation, and the others go on.
          Effect.catch((error) => Effect.succeed(brokenOff(oracle.id, error.message)))
        )
        return { outcome, isPlanted: faults.planted() }
      }),
      { concurrency: AT_ONCE }
    )
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        ReplayServer.layer,
        layerSpillway(serverSettings(options.databaseUrl), [runtime.runtime]).pipe(
          Layer.provide(layerIngestion(pass.spill))
        )
      )
    ),
    Effect.mapError(({ message }) => new PassFailed({ message }))
  )
  return reportOf(pass, played, (performance.now() - since) / 1_000)
})

/** Nothing is redacted: keys that were recorded are compared like everything else. */
const layerIngestion = (spill: number) =>
  Layer.mergeAll(
    Layer.succeed(Redactor, noRedactor),
    Layer.effect(
      IngestionSettings,
      Effect.map(IngestionSettings, (settings) => ({ ...settings, limits: { ...settings.limits, spill } }))
    )
  )

const serverSettings = (databaseUrl: Redacted.Redacted): SpillwaySettings => ({
  host: "127.0.0.1",
  port: 0,
  token: null,
  allowedOrigins: [],
  dataDirectory: "",
  databaseUrl,
  clientStallSeconds: 30,
  runtimeStallSeconds: 600
})

const brokenOff = (conversation: string, message: string): Played => ({
  id: conversation,
  endings: [],
  seen: { id: conversation, turns: [] },
  mismatches: [{ conversation, at: "the play", expected: "an end", actual: message }],
  liveFrames: 0
})

const reportOf = (
  { cuts, mode, spill }: Pass,
  played: ReadonlyArray<{ readonly outcome: Played; readonly isPlanted: boolean }>,
  seconds: number
): PassReport => {
  const outcomes = played.map(({ outcome }) => outcome)
  const endings = outcomes.flatMap((outcome) => outcome.endings)
  const count = (ending: TurnEnding) => endings.filter((each) => each === ending).length
  const planted = played.filter(({ isPlanted }) => isPlanted)
  const isMismatched = ({ mismatches }: Played) => mismatches.length > 0
  const { characters, toolCalls } = totals(outcomes.map(({ seen }) => seen))
  return {
    mode,
    bytes: cuts._tag === "events" ? "as recorded" : "cut anew",
    spill,
    conversations: outcomes.length,
    turns: endings.length,
    completed: count("completed"),
    failed: count("failed"),
    interrupted: count("interrupted"),
    stuck: count("stuck"),
    mismatched: outcomes.filter(isMismatched).length,
    characters,
    toolCalls,
    breaksPlanted: planted.length,
    breaksReported: planted.filter(({ outcome }) => isMismatched(outcome)).length,
    liveFrames: outcomes.reduce((sum, outcome) => sum + outcome.liveFrames, 0),
    seconds,
    mismatches: outcomes.flatMap(({ mismatches }) => mismatches)
  }
}
