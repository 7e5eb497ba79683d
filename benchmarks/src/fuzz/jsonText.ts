/** JSON as nobody should write it: values may be raw text, and objects may hold a key twice. */

/** Stands in the text as it is. */
export class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An object with its keys in this order, each as often as it is here. */
export class Pairs {
  readonly entries: ReadonlyArray<readonly [string, unknown]>

  constructor(entries: ReadonlyArray<readonly [string, unknown]>) {
    this.entries = entries
  }
}

export const jsonText = (value: unknown): string => {
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const entries = value instanceof Pairs ? value.entries : Object.entries(value)
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`
}
