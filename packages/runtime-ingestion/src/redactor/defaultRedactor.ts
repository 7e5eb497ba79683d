import type { RedactorService } from "./RedactorService.ts"
import { redactJson } from "./redactJson.ts"
import { SecretStream } from "./SecretStream.ts"

const redact = (text: string): string => {
  const stream = new SecretStream()
  return stream.push(text) + stream.end()
}

/** Knows the common formats of keys and tokens; each becomes `[redacted]`. */
export const defaultRedactor: RedactorService = {
  stream: () => new SecretStream(),
  text: redact,
  json: (value) => redactJson(value, redact)
}
