/** What a part's deltas go through before anybody sees them: whole characters first, then the redactor. */
import { endsInHighSurrogate, wellFormed } from "@spillway/contracts"
import type { RedactorService, RedactorStream } from "../Redactor.ts"

export class TextIntake {
  private readonly redactor: RedactorStream
  private half = ""

  constructor(redactor: RedactorService) {
    this.redactor = redactor.stream()
  }

  /** The text that may be seen now. Half a surrogate pair waits for its other half. */
  push(delta: string): string {
    const text = this.half + delta
    const held = endsInHighSurrogate(text)
    this.half = held ? text.slice(-1) : ""
    return this.redactor.push(wellFormed(held ? text.slice(0, -1) : text))
  }

  /** What was held back. */
  end(): string {
    const rest = wellFormed(this.half)
    this.half = ""
    return this.redactor.push(rest) + this.redactor.end()
  }
}
