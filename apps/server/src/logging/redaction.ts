/**
 * Keeps secrets out of what is told about the server: the values of its own secret settings, wherever they turn up, and whatever has the
 * format of a key or token. A database that refuses a password, or a provider that refuses a key, likes to repeat it.
 */
import { Redacted } from "effect"
import { Redactor } from "spillway/effect"
import type { Settings } from "../config/readSettings.ts"
import { pairsOf } from "../config/texts.ts"

/** Below this a value would be found in words that are none. */
const SHORTEST = 4

const SHOWN = "[redacted]"

/** The texts to look for, longest first: a secret may be a part of another. */
export const secretsOf = (settings: Settings): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const [name, value] of Object.entries(settings)) {
    if (!Redacted.isRedacted(value)) continue
    const text = Redacted.value(value)
    found.push(text)
    if (name === "OTEL_EXPORTER_OTLP_HEADERS") found.push(...Object.values(pairsOf(text)))
    const password = URL.parse(text)?.password ?? ""
    found.push(password, safelyDecoded(password))
  }
  return [...new Set(found)].filter((text) => text.length >= SHORTEST).sort((a, b) => b.length - a.length)
}

/** Takes the secrets out of a text. */
export const redactor = (settings: Settings): ((text: string) => string) => {
  const secrets = secretsOf(settings)
  const formats = Redactor.defaultValue()
  return (text) => formats.text(secrets.reduce((text, secret) => text.replaceAll(secret, SHOWN), text))
}

const safelyDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
