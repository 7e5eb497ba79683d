/** Spillway inside a service: the engine, its database and its runtimes in this process, behind promises. */
import { EventLog } from "@spillway/orchestration"
import { IngestionSettings, noRedactor, Redactor } from "@spillway/runtime-ingestion"
import { Effect, Layer, Metric } from "effect"
import { startProcess } from "./embedding/EmbeddedProcess.ts"
import { followLog } from "./embedding/followLog.ts"
import { iterate } from "./embedding/iterate.ts"
import { layerLogging } from "./embedding/logging.ts"
import { makeDoors } from "./embedding/mounting/makeDoors.ts"
import { makeProjections } from "./embedding/projections/makeProjections.ts"
import { runtimesOf, seconds, settingsOf } from "./embedding/settingsOf.ts"
import type { Spillway } from "./embedding/Spillway.ts"
import type { SpillwayOptions } from "./embedding/SpillwayOptions.ts"
import { makeSubscriptions } from "./embedding/subscriptions/makeSubscriptions.ts"
import { tenantOf } from "./embedding/tenantOf.ts"
import { makeThreads } from "./embedding/threads/makeThreads.ts"
import { layerMountable } from "./Spillway.ts"

/**
 * Starts a Spillway in this process. Resolves once its database is reached and brought up to date, and turns are taken; rejects with a
 * `SpillwayError` that says what to do. Several processes may share a database: one of them runs the turns at a time, and when it goes
 * another takes over.
 */
export const createSpillway = async (options: SpillwayOptions): Promise<Spillway> => {
  const settings = settingsOf(options)
  const origin = {
    tenant: tenantOf(options.tenant ?? "default"),
    actor: options.actor ?? "service",
    correlationId: null
  }
  const process = await startProcess(
    layerMountable(settings, runtimesOf(options.runtimes)).pipe(
      Layer.provide(layerIngestion(options)),
      Layer.provideMerge(layerLogging(options.logLevel ?? "warn", options.onLog)),
      // Several in one process tell of themselves apart.
      Layer.provideMerge(Layer.sync(Metric.MetricRegistry, () => new Map()))
    )
  )
  const { unmountAll, ...doors } = await makeDoors(process, settings.token !== null)

  const close = (): Promise<void> => {
    unmountAll()
    return process.close()
  }

  return {
    ...makeThreads(process, origin),
    ...makeSubscriptions(process),
    ...doors,
    log: ({ after = 0, follow = true, signal } = {}) =>
      iterate(process, followLog({ after, follow }), signal),
    projections: makeProjections(process),
    head: () => process.run(Effect.flatMap(EventLog, (log) => log.head)),
    close,
    [Symbol.asyncDispose]: close
  }
}

/** How ingestion cuts, waits and redacts, where the options say otherwise than it does by itself. */
const layerIngestion = ({ interruptGraceSeconds, limits, redactor }: SpillwayOptions) =>
  Layer.mergeAll(
    Layer.effect(
      IngestionSettings,
      Effect.map(IngestionSettings, (defaults) => ({
        ...defaults,
        limits: { ...defaults.limits, ...limits },
        interruptGrace:
          1_000 * seconds("interruptGraceSeconds", interruptGraceSeconds, defaults.interruptGrace / 1_000)
      }))
    ),
    redactor === undefined ? Layer.empty : Layer.succeed(Redactor, redactor === false ? noRedactor : redactor)
  )
