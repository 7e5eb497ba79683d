/** The command line of the recordings runner. */
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Break, breaks } from "./breaks.ts"

export const help = `Plays recorded provider streams through a whole Spillway server and compares what everybody saw with an oracle.

  npm run --silent recordings -- [DIR] [options]

  DIR             A folder of recordings with an index.tsv; ../shared/recordings beside this repository unless said.
  --json          The last line of stdout is one JSON object with the figures; progress goes to stderr.
  --seed TEXT     Decides where the second pass cuts the bytes; 1 unless said. The same seed cuts at the same places.
  --only TEXT     Plays only conversations whose id contains TEXT. Ids look like openai-chat:folder/name.*.sse.
  --break NAME    Plants a fault in each conversation to show that it is found: ${breaks.join(", ")}.
  --help          Shows this.

Each conversation is played four times: in buffered and in streaming, as recorded and then with its bytes cut at random places
and a spill limit of 64. The exit code is 0 only if nobody saw anything else than the oracle, no turn was stuck, nothing was
left out without a reason, and characters and tool calls are the oracle's and above 0.
`

export interface Options {
  readonly folder: string
  readonly json: boolean
  readonly seed: string
  readonly only: string | undefined
  readonly break: Break | undefined
}

const defaultFolder = fileURLToPath(new URL("../../../shared/recordings", import.meta.url))

/** The options, `"help"` where that was asked for, or a sentence that says what is wrong with them. */
export const parseOptions = (
  args: ReadonlyArray<string>
): Options | "help" | { readonly problem: string } => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        seed: { type: "string", default: "1" },
        only: { type: "string" },
        break: { type: "string" },
        help: { type: "boolean", short: "h", default: false }
      }
    })
    if (values.help) return "help"
    if (positionals.length > 1) return { problem: `Name one folder, not ${positionals.length}.` }
    const planted = breaks.find((name) => name === values.break)
    if (values.break !== undefined && planted === undefined)
      return { problem: `There is no break ${values.break}. Choose one of: ${breaks.join(", ")}.` }
    const { json, only, seed } = values
    return { folder: resolve(positionals[0] ?? defaultFolder), json, seed, only, break: planted }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
