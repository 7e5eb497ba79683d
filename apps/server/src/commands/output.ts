/** What a command prints: results to stdout, remarks to stderr. */
import { Effect } from "effect"

const writeTo =
  (stream: NodeJS.WriteStream) =>
  (text: string): Effect.Effect<void> =>
    text === ""
      ? Effect.void
      : Effect.callback<void>((resume) => {
          // Whoever reads slowly is waited for; a reader that went away (`| head`) has seen enough.
          stream.write(text, () => resume(Effect.void))
        })

export const print = writeTo(process.stdout)
export const printLine = (line: string) => print(`${line}\n`)
export const remark = (line: string) => writeTo(process.stderr)(`${line}\n`)

/** A reader of our output that goes away ends the command, quietly. */
export const endWithReader = Effect.sync(() => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0)
  })
})

type Style = (text: string) => string

export interface Styles {
  readonly dim: Style
  readonly bold: Style
  readonly red: Style
  readonly green: Style
  readonly yellow: Style
}

const plain: Style = (text) => text
const sequence =
  (on: number, off: number): Style =>
  (text) =>
    `\x1b[${on}m${text}\x1b[${off}m`

export const noStyles: Styles = { dim: plain, bold: plain, red: plain, green: plain, yellow: plain }

const terminalStyles: Styles = {
  dim: sequence(2, 22),
  bold: sequence(1, 22),
  red: sequence(31, 39),
  green: sequence(32, 39),
  yellow: sequence(33, 39)
}

/** Styles for a stream: none where it is no terminal, or where `NO_COLOR` is set. */
export const stylesOf = (stream: NodeJS.WriteStream): Styles =>
  stream.isTTY && (process.env["NO_COLOR"] ?? "") === "" ? terminalStyles : noStyles

export const stylesOfStdout = (): Styles => stylesOf(process.stdout)
