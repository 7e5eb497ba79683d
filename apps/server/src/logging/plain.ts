/** Any value as JSON has it, each text of it, keys included, handed through `text`. Never throws. */
export const plain = (value: unknown, text: (value: string) => string): unknown => {
  const within = new Set<object>()
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return text(value)
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
    if (typeof value === "boolean" || value === null || value === undefined) return value
    if (typeof value === "bigint" || typeof value === "symbol") return String(value)
    if (typeof value !== "object") return "[function]"
    if (value instanceof Error) return text(value.stack ?? String(value))
    if (within.has(value)) return "[circular]"
    within.add(value)
    const made = walkObject(value)
    within.delete(value)
    return made
  }
  const walkObject = (value: object): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if ("toJSON" in value && typeof value.toJSON === "function")
      return walk((value.toJSON as () => unknown)())
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), walk(item)]))
  }
  try {
    return walk(value)
  } catch (error) {
    return `[${String(error)}]`
  }
}
