/** `spillway interrupt`: stops a turn. */
import { CommandId, TurnId } from "@spillway/contracts"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { commandFailed } from "./CommandFailed.ts"
import { server, serverAddress, thread } from "./flags.ts"
import { idOf, threadIdOf, viewOf } from "./followThread.ts"
import { newId } from "./newId.ts"
import { printLine } from "./output.ts"
import { connectToServer } from "./ServerClient.ts"

const flags = {
  thread,
  turn: Flag.String("turn").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("The turn, running or queued. Default: the one that runs"),
    Flag.optional
  ),
  ...server
}

const run = Effect.fnUntraced(function* (options: Command.Command.Config.Infer<typeof flags>) {
  const threadId = yield* threadIdOf(options.thread)
  const client = yield* connectToServer(yield* serverAddress(options))
  const turnId = Option.isSome(options.turn)
    ? yield* idOf(TurnId, "--turn", options.turn.value)
    : (yield* viewOf(client, threadId)).activeTurnId
  if (turnId === null) return yield* commandFailed(`No turn runs in thread ${threadId}.`)
  const commandId = CommandId.make(newId("command"))
  const receipt = yield* client.command({ type: "thread.turn.interrupt", commandId, threadId, turnId })
  if (receipt.status === "rejected") {
    return yield* commandFailed(`${receipt.rejection.message} (${receipt.rejection._tag})`)
  }
  yield* printLine(`Turn ${turnId} stops.`)
}, Effect.scoped)

export const interrupt = Command.make("interrupt", flags, run).pipe(
  Command.withDescription(
    "Stop a turn: the one that runs, or one that waits. What it said so far stays in the thread."
  ),
  Command.withExamples([
    { command: "spillway interrupt --thread t1", description: "Stop the turn that runs in thread t1" },
    {
      command: "spillway interrupt --thread t1 --turn turn-2",
      description: "Take a queued turn out of the queue"
    }
  ])
)
