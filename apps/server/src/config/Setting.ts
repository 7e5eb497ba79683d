/** A variable of the environment: what reads it, its reference, its line in `.env.example` and its place in the help come from this. */
import { Effect, Schema } from "effect"

/** The configuration can't be used. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>("@spillway/server/config/ConfigInvalid")(
  "ConfigInvalid",
  { message: Schema.String }
) {}

interface Description {
  /** What it is for, in a sentence or two. */
  readonly about: string
  /** Ends the sentence "NAME must be …". */
  readonly must: string
  /** A value that works. */
  readonly example: string
  /** What holds when it is not set, where that is no fixed value. */
  readonly otherwise?: string
}

export interface Setting<A = unknown> extends Description {
  readonly schema: Schema.Codec<A, string>
  /** As it would be written; `null`: there is none. */
  readonly default: string | null
  /** Its value is `Redacted`, and never shown. */
  readonly secret: boolean
}

/** One with a default. */
export const withDefault = <A>(
  schema: Schema.Codec<A, string>,
  text: string,
  description: Description
): Setting<A> => ({ ...description, schema, default: text, secret: false })

/** One that is `null` when it is not set. */
export const optional = <A>(
  schema: Schema.Codec<A, string>,
  description: Description
): Setting<A | null> => ({
  ...description,
  schema,
  default: null,
  secret: false
})

/** One that is not to be seen by others; `null` when it is not set. */
export const secret = (description: Description, schema: Schema.Codec<string, string> = Schema.String) => ({
  ...optional(Schema.RedactedFromValue(schema), description),
  secret: true
})

export type ValueOf<S> = S extends Setting<infer A> ? A : never

/** Reads the text of a variable. Blank or missing counts as not set. */
export const decodeSetting = <A>(
  name: string,
  setting: Setting<A>,
  text: string | undefined
): Effect.Effect<A, ConfigInvalid> => {
  const said = text?.trim() || setting.default
  return said === null
    ? Effect.succeed(null as A)
    : Schema.decodeEffect(setting.schema)(said).pipe(
        Effect.mapError(() => new ConfigInvalid({ message: `${name} must be ${setting.must}.` }))
      )
}
