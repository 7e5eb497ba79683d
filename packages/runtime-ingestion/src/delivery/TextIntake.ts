/** What a part's deltas go through before anybody sees them: text as the log can hold it first, then the redactor. */
import { endsInHighSurrogate, wellFormed } from "@spillway/contracts"
import type { RedactorService, RedactorStream } from "../Redactor.ts"

export class TextIntake {
  private readonly redactor: RedactorStream
  /** The first half of a surrogate pair, while its other half may come. */
  private half = ""

  constructor(redactor: RedactorService) {
    this.redactor = redactor.stream()
  }

  /** Whether some of what came waits for what comes next. */
  get holds(): boolean {
    return this.half !== "" || (this.redactor.holds?.() ?? true)
  }

  /** Takes a delta in. The result is the text that may be seen now: all but what waits for the next delta to be understood. */
  push(delta: string): string {
    if (delta === "") return ""
    const text = this.half + delta
    const isHalf = endsInHighSurrogate(text)
    this.half = isHalf ? text.slice(-1) : ""
    return this.redactor.push(wellFormed(isHalf ? text.slice(0, -1) : text))
  }

  /**
   * The beginning of what might have been a secret: something else came behind it, so it was none. Half a surrogate pair goes on
   * waiting.
   */
  release(): string {
    return this.redactor.end()
  }

  /** What was held back. */
  end(): string {
    const rest = wellFormed(this.half)
    this.half = ""
    return this.redactor.push(rest) + this.redactor.end()
  }
}
