/** Reads what the server logs: a line that tells of a defect, and above all one that shows its stack, is a finding. */

/** A place in a source, as stacks name it. */
const STACK = /\bat .*\.(?:ts|js|mjs|cjs):\d+/

const WORSE_THAN_WARNING = /level="?(?:error|fatal)"?/i

/** Lines that are shown of a defect. */
const SHOWN = 500

export class LogReader {
  readonly #found: (message: string) => void
  /** Lines that were warnings, or less. */
  warnings = 0

  constructor(found: (message: string) => void) {
    this.#found = found
  }

  readonly read = (line: string): void => {
    if (STACK.test(line) || WORSE_THAN_WARNING.test(line)) this.#found(line.slice(0, SHOWN))
    else this.warnings += 1
  }
}
