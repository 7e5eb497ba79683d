/**
 * Reads a page of metrics as strictly as the text format of Prometheus is written down, version 0.0.4: each family once, named before its
 * samples, no sample twice, buckets that add up. Throws an Error that says which line is wrong.
 */
export interface Sample {
  /** With `_bucket`, `_sum` or `_count` where it is part of a histogram. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: "counter" | "gauge" | "histogram"
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

const metricName = "[a-zA-Z_:][a-zA-Z0-9_:]*"
const helpLine = new RegExp(`^# HELP (${metricName}) ((?:[^\\\\\\n]|\\\\\\\\|\\\\n)+)$`)
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram)$`)
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`)
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y

export const readMetrics = (page: string): ReadonlyMap<string, Family> => {
  if (!page.endsWith("\n")) throw new Error("The page does not end with a line's end.")
  const families = new Map<string, Family & { readonly samples: Array<Sample> }>()
  let help: { readonly name: string; readonly text: string } | undefined
  let family: (Family & { readonly samples: Array<Sample> }) | undefined
  for (const line of page.slice(0, -1).split("\n")) {
    const wrong = (why: string) => new Error(`${why}: ${line}`)
    const [, helped, text] = helpLine.exec(line) ?? []
    const [, typed, type] = typeLine.exec(line) ?? []
    if (helped !== undefined) help = { name: helped, text: unescaped(text!) }
    else if (typed !== undefined) {
      if (help?.name !== typed) throw wrong("A family without HELP before it")
      if (families.has(typed)) throw wrong("A family comes twice")
      family = { name: typed, type: type as Family["type"], help: help.text, samples: [] }
      families.set(typed, family)
    } else {
      const sample = readSample(line)
      if (sample === undefined) throw wrong("No line of the format")
      if (family === undefined || !belongs(sample, family)) throw wrong("A sample outside of its family")
      if (family.samples.some((other) => keyOf(other) === keyOf(sample))) throw wrong("A sample comes twice")
      family.samples.push(sample)
    }
  }
  for (const family of families.values()) {
    if (family.type === "histogram") checkHistogram(family)
    if (family.type === "counter" && family.samples.some(({ value }) => value < 0)) {
      throw new Error(`${family.name} counts below 0.`)
    }
  }
  return families
}

const readSample = (line: string): Sample | undefined => {
  const [, name, labelText, valueText] = sampleLine.exec(line) ?? []
  if (name === undefined || valueText === undefined) return undefined
  const labels: Record<string, string> = {}
  for (let at = 0; labelText !== undefined && at < labelText.length; at = label.lastIndex) {
    label.lastIndex = at
    const [, key, value] = label.exec(labelText) ?? []
    if (key === undefined || key in labels || key.startsWith("__")) return undefined
    labels[key] = unescaped(value!)
  }
  const infinite = { "+Inf": Number.POSITIVE_INFINITY, "-Inf": Number.NEGATIVE_INFINITY }[valueText]
  const value = infinite ?? Number(valueText)
  return Number.isNaN(value) && valueText !== "NaN" ? undefined : { name, labels, value }
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character))

const belongs = ({ labels, name }: Sample, { name: family, type }: Family): boolean =>
  type === "histogram"
    ? name === `${family}_sum` ||
      name === `${family}_count` ||
      (name === `${family}_bucket` && "le" in labels)
    : name === family

const keyOf = ({ labels, name }: Sample): string =>
  `${name} ${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`

/** Each series of a histogram has ascending buckets that end with `+Inf`, which is the count. */
const checkHistogram = ({ name, samples }: Family): void => {
  const series = new Map<string, Array<Sample>>()
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels
    const key = keyOf({ ...sample, name: "", labels: others })
    series.set(key, [...(series.get(key) ?? []), sample])
  }
  for (const [key, all] of series) {
    const buckets = all
      .filter((sample) => sample.name === `${name}_bucket`)
      .map(({ labels, value }) => ({
        bound: labels["le"] === "+Inf" ? Infinity : Number(labels["le"]),
        value
      }))
    const of = (suffix: string) => all.find((sample) => sample.name === `${name}_${suffix}`)?.value
    const rises = buckets.every(
      ({ bound, value }, i) => i === 0 || (bound > buckets[i - 1]!.bound && value >= buckets[i - 1]!.value)
    )
    if (!rises || buckets.at(-1)?.bound !== Infinity || buckets.at(-1)?.value !== of("count")) {
      throw new Error(`The buckets of ${name}${key} do not add up.`)
    }
    if (of("sum") === undefined) throw new Error(`${name}${key} has no sum.`)
  }
}
