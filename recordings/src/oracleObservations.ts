/** Starts the oracle, which is another process and shares no code with this one, and reads what it saw. */
import { Effect, Schema } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { ObservedConversation } from "./ObservedConversation.ts"

export class OracleFailed extends Schema.TaggedError<OracleFailed>()("OracleFailed", {
  message: Schema.String
}) {}

const entry = fileURLToPath(new URL("./oracle/main.ts", import.meta.url))
const decode = Schema.decodeUnknownEffect(ObservedConversation)

/** What the AI SDK alone sees in a folder of recordings, by conversation id. */
export const oracleObservations = Effect.fn("oracleObservations")(function* (folder: string) {
  const printed = yield* Effect.callback<string, OracleFailed>((resume) => {
    const child = execFile(
      process.execPath,
      ["--no-warnings", entry, folder],
      { maxBuffer: Number.POSITIVE_INFINITY, encoding: "utf8" },
      (error, stdout, stderr) =>
        resume(
          error === null
            ? Effect.succeed(stdout)
            : Effect.fail(
                new OracleFailed({
                  message: `The oracle could not read ${folder}: ${stderr || error.message}`
                })
              )
        )
    )
    return Effect.sync(() => child.kill())
  })
  const seen: Map<string, ObservedConversation> = new Map()
  for (const line of printed.split("\n")) {
    if (line === "") continue
    const conversation = yield* decode(JSON.parse(line)).pipe(
      Effect.mapError(
        (error) => new OracleFailed({ message: `The oracle printed what nobody reads: ${error.message}` })
      )
    )
    seen.set(conversation.id, conversation)
  }
  return seen
})
