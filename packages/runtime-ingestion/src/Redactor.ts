/** Takes secrets out of text, tool arguments and results before they reach log, checkpoint or live lane. A port. */
import { Context } from "effect"
import { defaultRedactor } from "./redactor/defaultRedactor.ts"
import type { RedactorService } from "./redactor/RedactorService.ts"

export type { RedactorService, RedactorStream } from "./redactor/RedactorService.ts"

export const Redactor = Context.Reference<RedactorService>("@spillway/runtime-ingestion/Redactor", {
  defaultValue: () => defaultRedactor
})

/** Lets everything through. */
export const noRedactor: RedactorService = {
  stream: () => ({ push: (delta) => delta, end: () => "", holds: () => false }),
  text: (value) => value,
  json: (value) => value
}
