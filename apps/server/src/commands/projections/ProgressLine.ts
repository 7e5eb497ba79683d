/**
 * A line on stderr that is written over while a long work goes on. Where stderr is no terminal, a line now and then instead, so that a
 * log file shows that it goes on.
 */
import { stylesOf } from "../output.ts"

/** Between two pictures, and between two lines of a file. Milliseconds. */
const [PICTURE, LINE] = [80, 10_000]

export class ProgressLine {
  private shown = 0
  private stage = ""
  private latest = ""
  private readonly out = process.stderr
  readonly styles = stylesOf(process.stderr)
  readonly isTerminal = process.stderr.isTTY

  get width(): number {
    return this.out.columns ?? 80
  }

  /** What is to be seen now; `line` is made when it is shown. At a terminal another `stage` is seen at once. */
  show(line: () => string, stage = "", now = performance.now()): void {
    const isSoon = now - this.shown < (this.isTerminal ? PICTURE : LINE)
    if (this.shown > 0 && isSoon && !(this.isTerminal && stage !== this.stage)) return
    this.stage = stage
    // In a file the beginning says nothing yet.
    if (this.shown === 0 && !this.isTerminal) return void (this.shown = now)
    this.shown = now
    this.latest = line()
    this.out.write(this.isTerminal ? `\r\x1b[2K${this.latest}` : `${this.latest}\n`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isTerminal && this.latest !== "") this.out.write("\r\x1b[2K")
    this.latest = ""
  }
}
