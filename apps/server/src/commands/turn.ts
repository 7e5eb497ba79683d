/** `spillway turn`: asks for a turn and shows it while it runs. */
import {
  type ClientCommandOf,
  CommandId,
  DeliveryMode,
  type IfBusy,
  MessageId,
  type Receipt,
  type RuntimeChoice,
  type ThreadId,
  TurnId
} from "@spillway/contracts"
import { Effect, Option, type Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { invocation } from "./answering.ts"
import { type CommandFailed, commandFailed } from "./CommandFailed.ts"
import { json, server, serverAddress, thread } from "./flags.ts"
import { afterVersion, threadIdOf } from "./followThread.ts"
import { newId } from "./newId.ts"
import { endWithReader, remark } from "./output.ts"
import { connectToServer, type ServerClient } from "./ServerClient.ts"
import { showTurn } from "./showTurn.ts"

const flags = {
  thread,
  text: Flag.String("text").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("What to say. Without it, standard input is read to its end"),
    Flag.optional
  ),
  mode: Flag.Literals("mode", DeliveryMode.literals).pipe(
    Flag.withDescription(
      "How text reaches the log: buffered (the server's default), streaming (live, token by token), paragraph"
    ),
    Flag.optional
  ),
  ifBusy: Flag.Literals("if-busy", ["queue", "reject", "interrupt", "steer"]).pipe(
    Flag.withDescription(
      "While another turn runs: wait behind it (the default), give up, end it first, or hand it this message"
    ),
    Flag.optional
  ),
  runtime: Flag.String("runtime").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("What runs the turn: scripted, ai-sdk. Default: the server's"),
    Flag.optional
  ),
  model: Flag.String("model").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The model, for runtimes that have several"),
    Flag.optional
  ),
  script: Flag.String("script").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "A script of the scripted runtime: hello, reasoning, tools, approval, question, error, retry, long, slow …"
    ),
    Flag.optional
  ),
  option: Flag.KeyValuePair("option").pipe(
    Flag.withDescription(
      "An option of the runtime, as KEY=VALUE; the value is JSON where it can be read so. May be given several times"
    ),
    Flag.withDefault({})
  ),
  json,
  ...server
}

type TurnOptions = Command.Command.Config.Infer<typeof flags>

const run = Effect.fnUntraced(function* (options: TurnOptions) {
  yield* endWithReader
  const threadId = yield* threadIdOf(options.thread)
  const start: ClientCommandOf<"thread.turn.start"> = {
    type: "thread.turn.start",
    commandId: CommandId.make(newId("command")),
    threadId,
    turnId: TurnId.make(newId("turn")),
    messageId: MessageId.make(newId("message")),
    text: yield* textOf(options),
    ...defined({
      assistantDeliveryMode: Option.getOrUndefined(options.mode),
      ifBusy: Option.getOrUndefined(options.ifBusy) satisfies IfBusy | undefined,
      choice: choiceOf(options)
    })
  }
  const client = yield* connectToServer(yield* serverAddress(options))
  const serverFlags = Option.match(options.url, { onNone: () => [], onSome: (url) => ["--url", url] })
  yield* followFromHere(client, threadId)
  yield* accepted(yield* client.command(start))
  const ended = yield* showTurn(client, start, { json: options.json, serverFlags }).pipe(
    Effect.onInterrupt(() =>
      remark(
        `${process.stderr.isTTY ? "\n" : ""}The turn goes on. To stop it: ${invocation()} interrupt --thread ${threadId} --turn ${start.turnId}`
      )
    )
  )
  if (ended.type !== "thread.turn-completed") {
    return yield* commandFailed(`The turn did not complete: ${ended.type.replace("thread.", "")}.`)
  }
}, Effect.scoped)

/** Subscribes to what comes from here on; a thread that there is not is created first, and shown from its first event. */
const followFromHere = Effect.fnUntraced(function* (client: ServerClient, threadId: ThreadId) {
  const after = afterVersion(threadId)
  yield* client.follow({ to: "thread", threadId, from: "tail" }, after)
  const first = yield* client.take
  if (first.type === "caught-up") return
  if (first.type !== "error" || first.error.code !== "thread-not-found") {
    return yield* commandFailed(
      first.type === "error" ? first.error.message : `The server sent ${first.type}.`
    )
  }
  const commandId = CommandId.make(newId("command"))
  const created = yield* client.command({ type: "thread.create", commandId, threadId })
  // Somebody else was as quick: the thread is there, which is what was wanted.
  if (created.status === "rejected" && created.rejection._tag !== "ThreadAlreadyExists")
    yield* accepted(created)
  yield* client.follow(after(0), after)
})

const accepted = (receipt: Receipt): Effect.Effect<void, CommandFailed> =>
  receipt.status === "accepted"
    ? Effect.void
    : Effect.fail(commandFailed(`${receipt.rejection.message} (${receipt.rejection._tag})`))

const textOf = Effect.fnUntraced(function* ({ text }: TurnOptions) {
  if (Option.isSome(text)) return text.value
  if (process.stdin.isTTY)
    return yield* commandFailed("There is nothing to say: give it as --text, or on standard input.")
  return yield* Effect.promise(async () => {
    const chunks: Array<Buffer> = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString("utf8")
  })
})

const choiceOf = ({ model, option, runtime, script }: TurnOptions): RuntimeChoice | undefined => {
  const named = Option.match(script, { onNone: () => ({}), onSome: (script) => ({ script }) })
  const options = {
    ...Object.fromEntries(Object.entries(option).map(([key, text]) => [key, valueOf(text)])),
    ...named
  }
  const choice = defined({
    runtime: Option.getOrUndefined(
      Option.isSome(script) ? Option.orElse(runtime, () => Option.some("scripted")) : runtime
    ),
    model: Option.getOrUndefined(model),
    options: Object.keys(options).length === 0 ? undefined : options
  })
  return Object.keys(choice).length === 0 ? undefined : choice
}

const valueOf = (text: string): Schema.Json => {
  try {
    return JSON.parse(text) as Schema.Json
  } catch {
    return text
  }
}

type Defined<A> = { [K in keyof A]?: Exclude<A[K], undefined> }

/** Without the fields that are not there. */
const defined = <A extends object>(fields: A): Defined<A> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<A>

export const turn = Command.make("turn", flags, run).pipe(
  Command.withDescription(
    'Ask for a turn and show it while it runs. The thread is created if there is none. Exits with 0 only if the turn completed. With --json, each line is an event of the thread as the log holds it, or a live frame ({"type":"live",…}) that the log does not hold; the last one ends the turn.'
  ),
  Command.withShortDescription("Ask for a turn and show it while it runs"),
  Command.withExamples([
    {
      command: 'spillway turn --thread t1 --text "hello" --mode streaming',
      description: "Say hello, and see the answer as it is written"
    },
    {
      command: 'spillway turn --thread t1 --text "hello" --json',
      description: "The same for a program: one JSON object per line"
    },
    {
      command: 'spillway turn --thread t1 --text "go on" --script approval',
      description: "Play a script that asks before it acts"
    },
    {
      command: "git diff | spillway turn --thread review --model claude-sonnet-5-5",
      description: "Take the text from standard input"
    }
  ])
)
