/** A tracer that keeps the spans that ended, in the order in which they did. */
import { Layer, Option, Tracer } from "effect"

export interface RecordedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | null
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly events: ReadonlyArray<string>
  readonly failed: boolean
}

class Span extends Tracer.NativeSpan {
  readonly #ended: Array<RecordedSpan>

  constructor(options: ConstructorParameters<typeof Tracer.NativeSpan>[0], ended: Array<RecordedSpan>) {
    super(options)
    this.#ended = ended
  }

  override end(...[endTime, exit]: Parameters<Tracer.Span["end"]>): void {
    super.end(endTime, exit)
    if (!this.sampled) return
    this.#ended.push({
      name: this.name,
      traceId: this.traceId,
      spanId: this.spanId,
      parentId: Option.getOrNull(Option.map(this.parent, ({ spanId }) => spanId)),
      attributes: Object.fromEntries(this.attributes),
      links: this.links.map(({ span: { spanId, traceId } }) => ({ traceId, spanId })),
      events: this.events.map(([name]) => name),
      failed: exit._tag === "Failure"
    })
  }
}

/** With a layer that installs it. */
export const recordingTracer = () => {
  const ended: Array<RecordedSpan> = []
  const tracer = Tracer.make({ span: (options) => new Span(options, ended) })
  return { ended, tracer, layer: Layer.succeed(Tracer.Tracer, tracer) }
}

/** Its spans as a tree: a line for each, below the one that it stands in. Those of no other are first. */
export const treeOf = (spans: ReadonlyArray<RecordedSpan>): ReadonlyArray<string> => {
  const below = (parentId: string | null, depth: number): ReadonlyArray<string> =>
    spans
      .filter((span) => span.parentId === parentId)
      .flatMap((span) => [`${"  ".repeat(depth)}${span.name}`, ...below(span.spanId, depth + 1)])
  return below(null, 0)
}
