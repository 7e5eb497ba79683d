/**
 * The tracer of this process, and what it is told. Spans go to whatever `Tracer.Tracer` is provided where the engine is built; without
 * one there is none, and nothing is done.
 */
import { Context, Effect, Exit, Option, References, Tracer } from "effect"
import type { SpanContext } from "./spanContext.ts"

export interface TracingSettingsValue {
  /** Whether spans carry text, arguments, results and the words of errors. They are never there unless asked for. */
  readonly content: boolean
  /** The share of turns that are traced, from 0 to 1. A turn is traced whole or not at all, by every process alike. */
  readonly ratio: number
}

export const TracingSettings = Context.Reference<TracingSettingsValue>(
  "@spillway/orchestration/TracingSettings",
  { defaultValue: () => ({ content: false, ratio: 1 }) }
)

/** A span that has ended. Times are milliseconds since 1970, fractions included. */
export interface EndedSpan {
  readonly name: string
  readonly kind: Tracer.SpanKind
  readonly context: SpanContext
  /** The span above it; `null` at the top of a trace. */
  readonly parent: SpanContext | null
  readonly sampled: boolean
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events?: ReadonlyArray<SpanEvent>
  readonly links?: ReadonlyArray<SpanContext>
  /** What went wrong. The message is content. */
  readonly error?: { readonly code: string; readonly message: string } | null
}

export interface SpanEvent {
  readonly name: string
  readonly at: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Tracing {
  readonly content: boolean
  /** Whether spans of a trace are kept; the same in every process. */
  readonly isSampled: (traceId: string) => boolean
  readonly end: (span: EndedSpan) => void
}

/** `null` where no tracer is installed, or tracing is disabled. */
export const makeTracing: Effect.Effect<Tracing | null> = Effect.gen(function* () {
  const tracer = yield* Effect.tracer
  if (tracer === Tracer.nativeTracer || !(yield* References.TracerEnabled)) return null
  const { content, ratio } = yield* TracingSettings
  return {
    content,
    isSampled: (traceId) => Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32,
    end: (span) => {
      if (span.sampled) endSpan(tracer, span, content)
    }
  }
})

const endSpan = (tracer: Tracer.Tracer, ended: EndedSpan, content: boolean): void => {
  const { attributes, context, error, events, kind, links, name, parent } = ended
  const span = tracer.span({
    name,
    parent: parent === null ? Option.none() : Option.some(Tracer.externalSpan(parent)),
    annotations: Context.empty(),
    links: (links ?? []).map((context) => ({ span: Tracer.externalSpan(context), attributes: {} })),
    startTime: nanos(ended.startedAt),
    kind,
    root: parent === null,
    sampled: true
  })
  // A tracer gives random ids. Others know this span by these already.
  Object.defineProperties(span, {
    traceId: { value: context.traceId, enumerable: true },
    spanId: { value: context.spanId, enumerable: true }
  })
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) span.attribute(key, value)
  }
  for (const { at, attributes, name } of events ?? []) span.event(name, nanos(at), { ...attributes })
  if (error) {
    span.attribute("error.type", error.code)
    span.end(
      nanos(ended.endedAt),
      Exit.fail({ name: error.code, message: content ? error.message : error.code })
    )
  } else span.end(nanos(ended.endedAt), Exit.void)
}

const nanos = (milliseconds: number): bigint => {
  const whole = Math.floor(milliseconds)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1_000_000))
}
