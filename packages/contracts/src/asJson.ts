import type { Schema } from "effect"

/** The value as the log can hold it. What JSON has no word for becomes `null`; what can't be written becomes its description. */
export const asJson = (value: unknown): Schema.Json => {
  try {
    const text = JSON.stringify(value, (_, item: unknown) =>
      typeof item === "bigint" ? item.toString() : item
    )
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return String(value)
  }
}
