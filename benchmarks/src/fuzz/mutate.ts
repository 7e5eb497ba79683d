/** What becomes of a valid value before it is sent: something else of another type, too much, too little, broken text, other bytes. */
import { jsonText, Pairs, Raw } from "./jsonText.ts"
import { longTexts, nastyKeys, nastyTexts, nastyValues } from "./nasty.ts"
import type { Random } from "./Random.ts"

/** The value with one thing changed, somewhere in it. */
export const mutateValue = (value: unknown, random: Random): unknown => {
  if (value instanceof Raw || value instanceof Pairs) return value
  if (Array.isArray(value) && value.length > 0 && random.chance(0.7)) {
    const at = random.below(value.length)
    return value.map((item, i) => (i === at ? mutateValue(item, random) : item))
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return mutateObject(Object.entries(value), random)
  }
  return other(value, random)
}

const mutateObject = (entries: ReadonlyArray<readonly [string, unknown]>, random: Random): unknown => {
  const at = random.below(entries.length)
  return random.weighted<() => unknown>([
    [
      6,
      () =>
        new Pairs(
          entries.map(([key, item], i) => [key, i === at ? mutateValue(item, random) : item] as const)
        )
    ],
    [2, () => new Pairs(entries.filter((_, i) => i !== at))],
    [2, () => new Pairs([...entries, [random.pick(nastyKeys), random.pick(nastyValues)()]])],
    // Twice the same key, the second time with something else.
    [1, () => new Pairs([...entries, [entries[at]?.[0] ?? "type", random.pick(nastyValues)()]])],
    [
      1,
      () =>
        new Pairs(entries.map(([key, item], i) => [i === at ? random.pick(nastyKeys) : key, item] as const))
    ],
    [0.5, () => random.pick(nastyValues)()]
  ])()
}

const other = (value: unknown, random: Random): unknown => {
  if (random.chance(0.4)) return random.pick(nastyTexts)
  if (random.chance(0.03)) return random.pick(longTexts)()
  if (typeof value === "string" && random.chance(0.3)) return value + random.pick(nastyTexts)
  return random.pick(nastyValues)()
}

/** The value's text, broken. Bytes that are no text come as bytes. */
export const mutateText = (value: unknown, random: Random): string | Buffer => {
  const text = jsonText(value)
  const at = random.below(text.length + 1)
  return random.weighted<() => string | Buffer>([
    [3, () => text.slice(0, at)],
    [2, () => text.slice(0, at) + random.pick(nastyTexts) + text.slice(at)],
    [1, () => text + text],
    [1, () => `${text}${random.pick([",", "}", "]", " ", "\n", "\0", "//", "\ufeff"])}`],
    [1, () => `\ufeff${text}`],
    [1, () => text.replaceAll('"', "'")],
    [1, () => `${" ".repeat(random.below(5_000))}${text}`],
    [1, () => jsonText(random.pick(nastyValues)())],
    [1, () => random.pick(nastyTexts)],
    [1, () => withByte(Buffer.from(text), random)],
    [0.3, () => random.bytes(random.below(200))]
  ])()
}

const withByte = (bytes: Buffer, random: Random): Buffer => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}
