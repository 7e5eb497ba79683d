import type { RedactorService, RedactorStream } from "../Redactor.ts"
import { redact, splitAtSecret } from "./secrets.ts"

/** Knows the common formats of keys and tokens; each becomes `[redacted]`. */
export const defaultRedactor: RedactorService = {
  stream: () => makeStream(),
  text: (value) => redact(value),
  json: (value) => redactJson(value)
}

const makeStream = (): RedactorStream => {
  let held = ""
  return {
    push: (delta) => {
      const { rest, safe } = splitAtSecret(held + delta)
      held = rest
      return safe
    },
    end: () => {
      const rest = redact(held)
      held = ""
      return rest
    }
  }
}

const redactJson = <A>(value: A): A => {
  if (typeof value === "string") return redact(value) as A
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) {
    const mapped = value.map(redactJson)
    return mapped.every((item, i) => item === value[i]) ? value : (mapped as A)
  }
  const entries = Object.entries(value).map(([key, item]) => [redact(key), redactJson(item)] as const)
  const same = Object.entries(value).every(([key, item], i) => key === entries[i]![0] && item === entries[i]![1])
  return same ? value : (Object.fromEntries(entries) as A)
}
