/** Requests, from the command line: how to answer one, and asking the person at the terminal. */
import {
  type ClientCommandOf,
  CommandId,
  type DataOf,
  type RequestId,
  type RequestResponse,
  type ThreadId
} from "@spillway/contracts"
import { Effect } from "effect"
import * as Prompt from "effect/cli/Prompt"
import { newId } from "./newId.ts"

type Asked = Pick<DataOf<"thread.request-opened">, "requestId" | "kind" | "title" | "questions">

export const respondCommand = (
  threadId: ThreadId,
  requestId: RequestId,
  response: RequestResponse
): ClientCommandOf<"thread.request.respond"> => ({
  type: "thread.request.respond",
  commandId: CommandId.make(newId("command")),
  threadId,
  requestId,
  response
})

/** The command lines that answer a request. `serverFlags`: what the person gave to reach the server. */
export const waysToAnswer = (
  threadId: ThreadId,
  asked: Asked,
  serverFlags: ReadonlyArray<string> = []
): ReadonlyArray<string> => {
  const server = serverFlags.map((flag) => ` ${quoted(flag)}`).join("")
  const respond = `${invocation()} respond${server} --thread ${quoted(threadId)} --request ${quoted(asked.requestId)}`
  if (asked.kind === "approval") return [`${respond} --approve`, `${respond} --deny`]
  const answers = asked.questions.map(
    ({ id, options }) => `--answer ${quoted(`${id}=${options?.[0] ?? "…"}`)}`
  )
  return [`${respond} ${answers.join(" ")}`]
}

/** How to call this program, as it was called: `npm run` and `npx` put nothing on the path. */
export const invocation = (environment: Record<string, string | undefined> = process.env): string => {
  if (environment["npm_package_name"] === "spillway-workspace") return "npm run --silent spillway --"
  return environment["npm_lifecycle_event"] === "npx" ? "npx @spillway/server" : "spillway"
}

const quoted = (text: string) =>
  /^[\w.:/@%+=#,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Asks the person at the terminal. */
export const askPerson = Effect.fnUntraced(function* (asked: Asked) {
  if (asked.kind === "approval") {
    const approved = yield* Prompt.Confirm({
      message: asked.title,
      label: { confirm: "approve", deny: "deny" }
    })
    return { type: "approval", decision: approved ? "approve" : "deny" } as const
  }
  const answers: Record<string, string> = {}
  for (const { id, options, question } of asked.questions) {
    answers[id] =
      options === undefined
        ? yield* Prompt.String({ message: question })
        : yield* Prompt.Select({
            message: question,
            choices: options.map((option) => ({ title: option, value: option }))
          })
  }
  return { type: "input", answers } as const
})
