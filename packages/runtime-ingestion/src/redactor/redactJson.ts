/** Redacts every string of a JSON value, keys included. A value that needs nothing comes back as it is. */
export const redactJson = <A>(value: A, redact: (text: string) => string): A => {
  if (typeof value === "string") return redact(value) as A
  if (value === null || typeof value !== "object") return value
  if (Array.isArray(value)) {
    const items = value.map((item) => redactJson(item, redact))
    return items.every((item, i) => item === value[i]) ? value : (items as A)
  }
  const entries = Object.entries(value)
  const redacted = entries.map(([key, item]) => [redact(key), redactJson(item, redact)] as const)
  if (redacted.every(([key, item], i) => key === entries[i]![0] && item === entries[i]![1])) return value
  // Two keys that differed in their secrets alone stay two.
  const keys = new Set(entries.map(([key]) => key))
  return Object.fromEntries(
    redacted.map(([key, item], i) => {
      if (key === entries[i]![0]) return [key, item]
      let name = key
      for (let n = 2; keys.has(name); n++) name = `${key} (${n})`
      keys.add(name)
      return [name, item]
    })
  ) as A
}
