/** JSON that a stranger may send: what is nested deeper than any use of it would run a reader out of stack. */
import { Schema } from "effect"
import { JSON_DEPTH_LIMIT } from "./Limits.ts"

/** Nested at most JSON_DEPTH_LIMIT deep. Walks level by level, so that it needs no stack itself. */
export const isShallow = (value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > JSON_DEPTH_LIMIT) return false
    level = level
      .flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []))
      .filter((item) => typeof item === "object" && item !== null)
  }
  return true
}

/** An object of any JSON, nested at most JSON_DEPTH_LIMIT deep. */
export const JsonObject = Schema.Record(Schema.String, Schema.Json).check(
  Schema.makeFilter(isShallow, { expected: `JSON nested at most ${JSON_DEPTH_LIMIT} deep` })
)
