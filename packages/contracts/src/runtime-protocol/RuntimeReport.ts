/** What a host reports of a turn, numbered: a ProviderRuntimeEvent, or the opening of a step, with `sourceSequence` beside its fields. */
import { Schema, Tuple } from "effect"
import { ProviderRuntimeEvent } from "../ProviderRuntimeEvent.ts"

/** Counts what is reported of one session, from 1 in each generation, without gaps. */
export const SourceSequence = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const StepOpen = Schema.Struct({
  type: Schema.Literal("step.open"),
  model: Schema.NullOr(Schema.String),
  /** Who answers the model call, by OpenTelemetry's name for it, such as `anthropic`: for traces. */
  provider: Schema.optionalKey(Schema.String)
})

/** A report without its number. */
export type Reported = ProviderRuntimeEvent | typeof StepOpen.Type

export type RuntimeReport = Reported & { readonly sourceSequence: number }

const numbered = Schema.fieldsAssign({ sourceSequence: SourceSequence })

export const RuntimeReport = Schema.Union([
  ...ProviderRuntimeEvent.mapMembers(Tuple.map(numbered)).members,
  numbered(StepOpen)
]).pipe(Schema.toTaggedUnion("type"))
