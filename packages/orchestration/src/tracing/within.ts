/**
 * Runs what a runtime does below the spans that its turn's trace will have: a span that it opens, and a request that it sends with the
 * trace's context, find their place. Without a tracer these do nothing.
 */
import { Effect, Option, Tracer } from "effect"
import type { ToolCallId } from "@spillway/contracts"
import type { SessionClaim } from "../RuntimeSessions.ts"
import { sessionContext, type SpanContext, toolCallContext, turnContext } from "./spanContext.ts"
import type { Tracing } from "./Tracing.ts"

export const withinSession =
  (tracing: Tracing | null, logId: string, claim: SessionClaim) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    if (tracing === null) return effect
    const { traceId } = turnContext(logId, claim, claim.turnId)
    const span = externalSpan(sessionContext(traceId, claim.generation), tracing.isSampled(traceId))
    return effect.pipe(Effect.provideService(Tracer.ParentSpan, span), Effect.withTracerEnabled(true))
  }

export const withinToolCall =
  (toolCallId: ToolCallId) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (parent) => {
      if (Option.isNone(parent)) return effect
      const { sampled, traceId } = parent.value
      const span = externalSpan(toolCallContext(traceId, toolCallId), sampled)
      return Effect.provideService(effect, Tracer.ParentSpan, span)
    })

/** W3C `traceparent` of the span that this runs within; `undefined` without one. */
export const currentTraceparent: Effect.Effect<string | undefined> = Effect.map(
  Effect.serviceOption(Tracer.ParentSpan),
  (parent) => {
    if (Option.isNone(parent)) return undefined
    const { sampled, spanId, traceId } = parent.value
    return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
  }
)

const externalSpan = (context: SpanContext, sampled: boolean): Tracer.ExternalSpan =>
  Tracer.externalSpan({ ...context, sampled })
