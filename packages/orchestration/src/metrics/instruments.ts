/**
 * How a value is shown as one of `metrics.ts`. Counting is adding to a number: no fiber, no lookup. What is shown is read when somebody
 * reads the metrics, from the registry of `Metric.MetricRegistry`, and is gone from there once the scope closes.
 *
 * Of two owners of one metric in one registry the later is seen: give each Spillway of a process a registry of its own.
 */
import { type Context, Effect, Metric, type Scope } from "effect"
import type { CounterDefinition, GaugeDefinition, HistogramDefinition, MetricDefinition } from "./metrics.ts"

export class Counter {
  count = 0

  add(amount = 1): void {
    this.count += amount
  }
}

export class Histogram {
  private readonly bounds: ReadonlyArray<number>
  private readonly counts: Array<number>
  private count = 0
  private sum = 0
  private min = Number.MAX_VALUE
  private max = 0

  /** @param bounds the upper bounds of the buckets, ascending. */
  constructor(bounds: ReadonlyArray<number>) {
    this.bounds = bounds
    this.counts = bounds.map(() => 0)
  }

  record(value: number): void {
    // Values are small mostly, and so are the first buckets.
    let bucket = 0
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++
    if (bucket < this.counts.length) this.counts[bucket]!++
    this.count++
    this.sum += value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  state(): Metric.HistogramState {
    let below = 0
    return {
      buckets: this.bounds.map((bound, bucket) => [bound, (below += this.counts[bucket]!)]),
      count: this.count,
      min: this.count === 0 ? 0 : this.min,
      max: this.max,
      sum: this.sum
    }
  }
}

type Shown<A> = Effect.Effect<A, never, Scope.Scope>

/** A counter without a label, from 0. */
export const counterOf = (definition: CounterDefinition<never>): Shown<Counter> =>
  showCounter(definition, null)

/** One counter for each value of the label, from 0. */
export const countersOf = <L extends string>(
  definition: CounterDefinition<L>
): Shown<Readonly<Record<L, Counter>>> => forEachValue(definition, (value) => showCounter(definition, value))

export const histogramOf = (definition: HistogramDefinition<never>): Shown<Histogram> =>
  showHistogram(definition, null)

export const histogramsOf = <L extends string>(
  definition: HistogramDefinition<L>
): Shown<Readonly<Record<L, Histogram>>> =>
  forEachValue(definition, (value) => showHistogram(definition, value))

/** Shows what `read` gives at the moment of reading. It must be quick and must not throw. */
export const showGauge = (definition: GaugeDefinition<never>, read: () => number): Shown<void> =>
  showValue(definition, null, read)

/** Shows one value of a gauge's label. */
export const showGaugeOf = <L extends string>(
  definition: GaugeDefinition<L>,
  value: L,
  read: () => number
): Shown<void> => showValue(definition, value, read)

/** Shows a total that is counted elsewhere. `read` must be quick, must not throw, and its value must never fall. */
export const showCount = (definition: CounterDefinition<never>, read: () => number): Shown<void> =>
  show(Metric.counter(definition.name, { ...optionsOf(definition, null), incremental: true }), () => ({
    count: read(),
    incremental: true
  }))

// Made when it runs: a layer that is built again counts from 0.
const showCounter = (definition: CounterDefinition, value: string | null): Shown<Counter> =>
  Effect.suspend(() => {
    const counter = new Counter()
    const metric = Metric.counter(definition.name, { ...optionsOf(definition, value), incremental: true })
    return Effect.as(
      show(metric, () => ({ count: counter.count, incremental: true })),
      counter
    )
  })

const showHistogram = (definition: HistogramDefinition, value: string | null): Shown<Histogram> =>
  Effect.suspend(() => {
    const histogram = new Histogram(definition.buckets)
    const metric = Metric.histogram(definition.name, {
      ...optionsOf(definition, value),
      boundaries: definition.buckets
    })
    return Effect.as(
      show(metric, () => histogram.state()),
      histogram
    )
  })

const showValue = (definition: GaugeDefinition, value: string | null, read: () => number) =>
  show(Metric.gauge(definition.name, optionsOf(definition, value)), () => ({ value: read() }))

const optionsOf = ({ label, meaning }: MetricDefinition, value: string | null) => ({
  description: meaning,
  ...(label === null || value === null ? {} : { attributes: { [label.name]: value } })
})

const show = <Input, State>(metric: Metric.Metric<Input, State>, get: () => State): Shown<void> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.sync(() => Metric.registerUnsafe(metric, context, { get, update: ignore, modify: ignore }))
      ),
      (registration) => Effect.sync(() => registration.remove())
    )
  )

const ignore = (): void => {}

const forEachValue = <L extends string, A>(
  { label }: MetricDefinition<string, L>,
  make: (value: L) => Shown<A>
): Shown<Readonly<Record<L, A>>> =>
  Effect.map(
    Effect.forEach(label?.values ?? [], (value) => Effect.map(make(value), (made) => [value, made] as const)),
    (entries) => Object.fromEntries(entries) as Record<L, A>
  )
