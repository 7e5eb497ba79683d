/** What texts of the environment become. */
import { Schema, SchemaTransformation } from "effect"

export const Text = Schema.String

export const Port = Schema.FiniteFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 0, maximum: 65_535 })
)

export const Seconds = Schema.FiniteFromString.check(Schema.isBetween({ minimum: 1, maximum: 86_400 }))

export const Milliseconds = Schema.FiniteFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 1, maximum: 3_600_000 })
)

export const Count = Schema.FiniteFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 1, maximum: 1_000_000 })
)

export const Ratio = Schema.FiniteFromString.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

export const Switch = Schema.Literals(["true", "false"]).pipe(
  Schema.decodeTo(
    Schema.Boolean,
    SchemaTransformation.transform({
      decode: (text) => text === "true",
      encode: (on) => (on ? ("true" as const) : ("false" as const))
    })
  )
)

const hasProtocol = (text: string, ...protocols: ReadonlyArray<string>): boolean =>
  protocols.includes(URL.parse(text)?.protocol ?? "")

export const PostgresUrl = Schema.String.check(
  Schema.makeFilter((text: string) => hasProtocol(text, "postgres:", "postgresql:"))
)

/** Without user and password, and without a slash at its end, so that a path can be added. */
export const HttpUrl = Schema.String.check(
  Schema.makeFilter(
    (text: string) => hasProtocol(text, "http:", "https:") && URL.parse(text)?.username === ""
  )
).pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({ decode: (text) => text.replace(/\/+$/, ""), encode: (text) => text })
  )
)

/** Comma-separated; a slash at the end of one is let pass. */
export const Origins = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String.check(Schema.makeFilter((text: string) => URL.parse(text)?.origin === text))),
    SchemaTransformation.transform({
      decode: (text): ReadonlyArray<string> =>
        text
          .split(",")
          .map((origin) => origin.trim().replace(/\/$/, ""))
          .filter((origin) => origin !== ""),
      encode: (origins) => origins.join(",")
    })
  )
)

/** `name=value,name=value`, percent-encoded, as OpenTelemetry writes it. */
const pairs = /^\s*[^=,\s]+\s*=[^,]*(,\s*[^=,\s]+\s*=[^,]*)*,?\s*$/

const isDecodable = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}

export const PairsText = Schema.String.check(
  Schema.makeFilter((text: string) => (text.trim() === "" || pairs.test(text)) && isDecodable(text))
)

/** The pairs of a text that `PairsText` let pass. */
export const pairsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(",")
      .filter((pair) => pair.trim() !== "")
      .map((pair) => {
        const at = pair.indexOf("=")
        return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())]
      })
  )

export const Pairs = PairsText.pipe(
  Schema.decodeTo(
    Schema.Record(Schema.String, Schema.String),
    SchemaTransformation.transform({
      decode: (text): { readonly [name: string]: string } => pairsOf(text),
      encode: (record) =>
        Object.entries(record)
          .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
          .join(",")
    })
  )
)
