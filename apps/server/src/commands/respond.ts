/** `spillway respond`: answers a request, so that its turn goes on. */
import type { RequestResponse, RequestView } from "@spillway/contracts"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { respondCommand, waysToAnswer } from "./answering.ts"
import { commandFailed } from "./CommandFailed.ts"
import { server, serverAddress, thread } from "./flags.ts"
import { threadIdOf, viewOf } from "./followThread.ts"
import { printLine } from "./output.ts"
import { connectToServer } from "./ServerClient.ts"

const flags = {
  thread,
  request: Flag.String("request").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("The request. Default: the one that is pending"),
    Flag.optional
  ),
  approve: Flag.Boolean("approve").pipe(Flag.withDescription("Yes, go on"), Flag.withDefault(false)),
  deny: Flag.Boolean("deny").pipe(Flag.withDescription("No"), Flag.withDefault(false)),
  reason: Flag.String("reason").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("Why, for the model to read"),
    Flag.optional
  ),
  answer: Flag.KeyValuePair("answer").pipe(
    Flag.withDescription("An answer to a question, as ID=TEXT. Once for each question"),
    Flag.withDefault({})
  ),
  ...server
}

type RespondOptions = Command.Command.Config.Infer<typeof flags>

const run = Effect.fnUntraced(function* (options: RespondOptions) {
  const threadId = yield* threadIdOf(options.thread)
  const response = yield* responseOf(options)
  const client = yield* connectToServer(yield* serverAddress(options))
  const view = yield* viewOf(client, threadId)
  const request = yield* requestOf(
    view.turns.flatMap((turn) => turn.requests),
    options
  )
  if (request.status === "pending" && request.kind !== response.type) {
    return yield* commandFailed(
      `That is no answer to ${request.requestId}: ${waysToAnswer(threadId, request).join("  or  ")}`
    )
  }
  const receipt = yield* client.command(respondCommand(threadId, request.requestId, response))
  if (receipt.status === "rejected") {
    return yield* commandFailed(`${receipt.rejection.message} (${receipt.rejection._tag})`)
  }
  yield* printLine(`Answered ${request.requestId}: ${request.title}`)
}, Effect.scoped)

const responseOf = Effect.fnUntraced(function* ({ answer, approve, deny, reason }: RespondOptions) {
  const answers = Object.keys(answer).length > 0
  if ([approve, deny, answers].filter(Boolean).length !== 1) {
    return yield* commandFailed("Say one of --approve, --deny, or --answer ID=TEXT.")
  }
  const because = Option.match(reason, { onNone: () => ({}), onSome: (reason) => ({ reason }) })
  const response: RequestResponse = answers
    ? { type: "input", answers: answer }
    : { type: "approval", decision: approve ? "approve" : "deny", ...because }
  return response
})

const requestOf = Effect.fnUntraced(function* (
  requests: ReadonlyArray<RequestView>,
  { request, thread }: RespondOptions
) {
  const pending = requests.filter(({ status }) => status === "pending")
  const found = Option.isSome(request)
    ? requests.findLast(({ requestId }) => requestId === request.value)
    : pending.length === 1
      ? pending[0]
      : undefined
  if (found !== undefined) return found
  if (pending.length === 0) return yield* commandFailed(`Nothing waits for an answer in thread ${thread}.`)
  const ids = pending.map(({ requestId, title }) => `${requestId} (${title})`).join(", ")
  return yield* commandFailed(`Say which request with --request. Pending: ${ids}.`)
})

export const respond = Command.make("respond", flags, run).pipe(
  Command.withDescription("Answer a request, so that its turn goes on. The first answer counts."),
  Command.withExamples([
    {
      command: "spillway respond --thread t1 --approve",
      description: "Approve what is pending in thread t1"
    },
    {
      command: 'spillway respond --thread t1 --request r1 --deny --reason "not on production"',
      description: "Say no, and why"
    },
    {
      command: "spillway respond --thread t1 --answer color=blue --answer size=L",
      description: "Answer questions"
    }
  ])
)
