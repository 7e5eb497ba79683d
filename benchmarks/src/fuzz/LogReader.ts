/** Reads what the server logs: a line that tells of a defect, and above all one that shows its stack, is a finding. */

/** A place in a source, as stacks name it. */
const STACK = /\bat .*\.(?:ts|js|mjs|cjs):\d+/

const WORSE_THAN_WARNING = /level="?(?:error|fatal)"?/i

/** Characters of a line that are shown, and how many lines: a stack has many. */
const SHOWN = { length: 500, lines: 20 }

export class LogReader {
  readonly #found: (message: string) => void
  #lines = 0
  /** Lines that were warnings, or less. */
  warnings = 0

  constructor(found: (message: string) => void) {
    this.#found = found
  }

  readonly read = (line: string): void => {
    if (!STACK.test(line) && !WORSE_THAN_WARNING.test(line)) this.warnings += 1
    else if (this.#lines++ < SHOWN.lines) this.#found(line.slice(0, SHOWN.length))
  }
}
