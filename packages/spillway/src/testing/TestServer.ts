/**
 * A server on a port of its own, for tests of the websocket: the real engine and publisher on a log in memory, no runtimes. What a
 * runtime would do, the test does with `engine.ingest`; what is not in the log yet, with `live`.
 */
import type { LiveFrame, ThreadId } from "@spillway/contracts"
import { DEFAULT_TENANT } from "@spillway/contracts"
import {
  type EventLog,
  Publisher,
  type ReadModels,
  RuntimeSessions,
  ThreadEngine
} from "@spillway/orchestration"
import { Memory } from "@spillway/orchestration/testing"
import { LiveLane } from "@spillway/runtime-ingestion"
import { Effect, Layer } from "effect"
import { Doors } from "../doors/Doors.ts"
import { ThreadHub } from "../doors/following/ThreadHub.ts"
import { Listener } from "../doors/Listener.ts"
import type { SpillwaySettings } from "../SpillwaySettings.ts"
import { connect, type ConnectOptions } from "./TestClient.ts"
import * as FoldedReadModels from "./FoldedReadModels.ts"

export const testSettings: SpillwaySettings = {
  host: "127.0.0.1",
  port: 0,
  token: null,
  allowedOrigins: [],
  dataDirectory: "",
  databaseUrl: null,
  clientStallSeconds: 30,
  runtimeStallSeconds: 600
}

/** Runs nothing. */
const layerNoSessions = Layer.succeed(
  RuntimeSessions,
  RuntimeSessions.of({
    traits: () => ({ runtime: "scripted", resumable: true, canSteer: true }),
    outlivesServer: () => false,
    start: () => Effect.void,
    interrupt: () => Effect.void,
    respond: () => Effect.void,
    steer: () => Effect.void,
    isRunning: () => false,
    releaseAll: Effect.void
  })
)

export const layerTestServer = (
  settings: Partial<SpillwaySettings> = {},
  readModels: Layer.Layer<ReadModels, never, EventLog> = FoldedReadModels.layer,
  liveLane: Layer.Layer<LiveLane> = LiveLane.layer,
  /** What the doors are given in the place of the engine or the log. */
  instead: Layer.Layer<never, never, ThreadEngine | EventLog> = Layer.empty
) =>
  Listener.layer({ ...testSettings, ...settings }).pipe(
    Layer.provideMerge(Doors.layer({ ...testSettings, ...settings })),
    Layer.provideMerge(ThreadHub.layer),
    Layer.provideMerge(instead),
    Layer.provideMerge(Layer.mergeAll(ThreadEngine.layer, readModels, liveLane, layerNoSessions)),
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(Memory.layer)
  )

/** A client of the server in the context. */
export const connectHere = (options: Omit<ConnectOptions, "url"> = {}) =>
  Effect.flatMap(Listener, ({ address }) => connect({ url: `ws://${address}/v1/ws`, ...options }))

/** Text that is not in the log yet, as ingestion would tell of it: `say` publishes the next piece. */
export const livePart = Effect.fnUntraced(function* (
  threadId: ThreadId,
  address: Omit<LiveFrame, "threadId" | "offset" | "text" | "afterVersion">,
  afterVersion: () => number
) {
  const lane = yield* LiveLane
  let durable = 0
  let text = ""
  const frame = (offset: number, piece: string): LiveFrame => ({
    threadId,
    ...address,
    offset,
    text: piece,
    afterVersion: afterVersion()
  })
  yield* lane.source(DEFAULT_TENANT, threadId, () =>
    text.length > durable ? [frame(durable, text.slice(durable))] : []
  )
  return {
    say: (piece: string) => {
      const offset = text.length
      text += piece
      lane.publish(DEFAULT_TENANT, frame(offset, piece))
    },
    /** The text up to here went into the log. */
    flushed: () => {
      durable = text.length
    },
    text: () => text
  }
})
