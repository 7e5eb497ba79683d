/** What the server is, how it is, and what can be asked of it. */
import { PROTOCOL } from "@spillway/contracts"
import { SpillwayHttpApi } from "@spillway/contracts/http-api"
import { EventLog, type NodeLease, type ReadModels, RuntimeSessions } from "@spillway/orchestration"
import { Effect, Metric } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { readiness } from "../../operations/health.ts"
import { metricsPage } from "../../operations/metricsPage.ts"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { SERVER_NAME, VERSION } from "../../version.ts"
import { limitsOf } from "../limits.ts"
import { asyncApiAnswer, docsAnswer, openApiAnswer } from "./documents.ts"

export const layerServer = (settings: DoorSettings) =>
  HttpApiBuilder.group(
    SpillwayHttpApi,
    "server",
    Effect.fnUntraced(function* (handlers) {
      const services = yield* Effect.context<EventLog | NodeLease | ReadModels>()
      const { logId } = yield* EventLog
      const sessions = yield* RuntimeSessions
      const registry = yield* Metric.MetricRegistry
      return handlers
        .handle("info", () =>
          Effect.succeed({
            server: SERVER_NAME,
            version: VERSION,
            protocol: PROTOCOL,
            logId,
            defaultRuntime: sessions.traits({}).runtime,
            limits: limitsOf(settings)
          })
        )
        .handle("live", () => Effect.succeed({ status: "live" } as const))
        .handle(
          "ready",
          Effect.fnUntraced(function* () {
            const found = yield* Effect.provideContext(readiness, services)
            if (found.status === "ready") return found
            return yield* Effect.fail(found)
          })
        )
        .handle("metrics", () => Effect.provideService(metricsPage, Metric.MetricRegistry, registry))
        .handle("openapi", () => Effect.sync(openApiAnswer))
        .handle("asyncapi", () => Effect.sync(asyncApiAnswer))
        .handle("docs", () => Effect.sync(docsAnswer))
    })
  )
