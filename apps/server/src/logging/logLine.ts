/**
 * One line of the log as JSON: when, how grave, what, and the ids of what it is about. `docs/logs.md` is the reference.
 *
 * What a caller adds to a message is merged into the object: ids that the code around has annotated, fields that were passed along, and
 * the error. Fields that every line has can't be overwritten by these.
 */
import { Cause, type Logger, References } from "effect"
import { plain } from "./plain.ts"

type Fields = Record<string, unknown>

/** @param redact takes what must not be seen out of a text. */
export const logLine = (options: Logger.Options<unknown>, redact: (text: string) => string): string => {
  const texts: Array<string> = []
  const added: Fields = {}
  const details: Array<unknown> = []
  for (const part of Array.isArray(options.message) ? options.message : [options.message]) {
    if (typeof part === "string") texts.push(part)
    else if (part instanceof Error) added["error"] = part
    else if (isPlainObject(part)) Object.assign(added, part)
    else details.push(part)
  }
  const { cause, date, fiber, logLevel } = options
  const span = fiber.cache.span
  // What Effect calls a span where nothing is traced.
  const isTraced = span !== undefined && span.traceId !== "noop"
  const durations = fiber
    .getRef(References.CurrentLogSpans)
    .map(([label, since]) => [label, date.getTime() - since] as const)
  return JSON.stringify(
    plain(
      {
        time: date.toISOString(),
        level: logLevel.toLowerCase(),
        message: texts.join(": "),
        ...without(fiber.getRef(References.CurrentLogAnnotations)),
        ...without(added),
        ...(details.length > 0 ? { details } : {}),
        ...(durations.length > 0 ? { durations: Object.fromEntries(durations) } : {}),
        ...(cause.reasons.length > 0 ? { error: Cause.pretty(cause) } : {}),
        ...(isTraced ? { traceId: span.traceId, spanId: span.spanId } : {})
      },
      redact
    )
  )
}

const everyLine = new Set(["time", "level", "message", "traceId", "spanId"])

/** A field with the name of one that every line has gets an underscore behind it. */
const without = (fields: Readonly<Fields>): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [everyLine.has(name) ? `${name}_` : name, value])
  )

const isPlainObject = (value: unknown): value is Fields => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
