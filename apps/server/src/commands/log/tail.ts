/** `spillway log tail`: the events of a thread, or of the whole log. */
import type { ClientEvent, LoggedEvent, Subscription } from "@spillway/contracts"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { commandFailed } from "../CommandFailed.ts"
import { json, server, serverAddress } from "../flags.ts"
import { afterVersion, threadIdOf } from "../followThread.ts"
import { endWithReader, printLine, remark, type Styles, stylesOfStdout } from "../output.ts"
import { connectToServer } from "../ServerClient.ts"

const flags = {
  thread: Flag.String("thread").pipe(
    Flag.withAlias("t"),
    Flag.withMetavar("ID"),
    Flag.withDescription(
      "Only this thread's events, as its readers get them. Default: the whole log, with positions and hashes"
    ),
    Flag.optional
  ),
  from: Flag.Int("from").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("The first version (of a thread) or position (of the log) to show"),
    Flag.withDefault(1)
  ),
  follow: Flag.Boolean("follow").pipe(
    Flag.withAlias("f"),
    Flag.withDescription("Go on with what comes"),
    Flag.withDefault(false)
  ),
  json,
  ...server
}

const run = Effect.fnUntraced(function* (options: Command.Command.Config.Infer<typeof flags>) {
  yield* endWithReader
  const after = options.from - 1
  if (after < 0) return yield* commandFailed("--from must be 1 or more: versions and positions count from 1.")
  const place = Option.isSome(options.thread)
    ? afterVersion(yield* threadIdOf(options.thread.value))
    : (position: number, logId?: string): Subscription => ({
        to: "log",
        from: logId === undefined ? { afterPosition: position } : { afterPosition: position, logId }
      })
  const client = yield* connectToServer(yield* serverAddress(options))
  const first = place(after)
  yield* client.follow(first.to === "thread" ? { ...first, live: false } : first, (position, logId) => {
    const next = place(position, logId)
    return next.to === "thread" ? { ...next, live: false } : next
  })
  const styles = stylesOfStdout()
  while (true) {
    const next = yield* client.take
    if (next.type === "events") {
      for (const event of next.events)
        yield* printLine(options.json ? JSON.stringify(event) : eventLine(event, styles))
    } else if (next.type === "caught-up" && !options.follow) return
    else if (next.type === "error" && next.error.retryable) yield* remark(next.error.message)
    else if (next.type === "error") return yield* commandFailed(refusal(next.error, options.from))
  }
}, Effect.scoped)

/** The server's words, where they are not about how it is asked from a program. */
const refusal = (
  { code, message }: { readonly code: string; readonly message: string },
  from: number
): string => {
  if (code === "cursor-invalid") return `There is no event ${from}: --from is beyond the end.`
  return code === "thread-not-found" ? "There is no such thread." : message
}

/** The most characters of an event's data on a line; `--json` has all of it. */
const DATA_LENGTH = 120

const eventLine = (event: ClientEvent | LoggedEvent, { bold, dim }: Styles): string => {
  const place =
    "position" in event ? `${event.position}  ${event.threadId}#${event.version}` : String(event.version)
  const data = JSON.stringify(event.data)
  const shown = data.length > DATA_LENGTH ? `${data.slice(0, DATA_LENGTH)}…` : data
  return `${place.padStart(6)}  ${dim(event.at.slice(11, 23))}  ${bold(event.type.replace("thread.", ""))}  ${dim(shown)}`
}

export const tail = Command.make("tail", flags, run).pipe(
  Command.withDescription(
    "Print the events of a thread, or of the whole log, in order. With --json each line is an event as it is in the log: for a thread the very lines that `spillway turn --json` printed."
  ),
  Command.withShortDescription("Print events in order"),
  Command.withExamples([
    { command: "spillway log tail --thread t1", description: "Everything that happened in thread t1" },
    { command: "spillway log tail --follow", description: "The whole log, and what comes" },
    { command: "spillway log tail --from 1000 --json", description: "From position 1000 on, for a program" }
  ])
)
