/** Shows a turn while it runs: lines of JSON for a program, or what a person likes to read. */
import type { ClientCommandOf, ClientEvent, DataOf } from "@spillway/contracts"
import { Effect, Fiber } from "effect"
import { askPerson, respondCommand, waysToAnswer } from "./answering.ts"
import { commandFailed } from "./CommandFailed.ts"
import { print, printLine, remark, stylesOfStdout } from "./output.ts"
import type { ServerClient } from "./ServerClient.ts"
import { TurnPrinter } from "./TurnPrinter.ts"
import { TurnWatch } from "./TurnWatch.ts"

export interface ShowOptions {
  readonly json: boolean
  /** What the person gave to reach the server, to be repeated in the command lines that they are shown. */
  readonly serverFlags: ReadonlyArray<string>
}

/** Prints what comes until the turn has ended; answers its last event. */
export const showTurn = Effect.fnUntraced(function* (
  client: ServerClient,
  start: ClientCommandOf<"thread.turn.start">,
  options: ShowOptions
) {
  const { threadId } = start
  const watch = new TurnWatch(start.turnId, start.messageId)
  const printer = new TurnPrinter(stylesOfStdout())
  const asksPerson = !options.json && process.stdin.isTTY && process.stdout.isTTY
  const asked = new Map<string, Fiber.Fiber<unknown, unknown>>()

  const tellHowToAnswer = (request: DataOf<"thread.request-opened">) =>
    Effect.forEach(waysToAnswer(threadId, request, options.serverFlags), (way) => remark(`To answer: ${way}`))

  const ask = (request: DataOf<"thread.request-opened">) =>
    askPerson(request).pipe(
      Effect.flatMap((response) => client.command(respondCommand(threadId, request.requestId, response))),
      // Ctrl-C at the question leaves it open.
      Effect.catchTag("QuitError", () => tellHowToAnswer(request))
    )

  const onEvent = Effect.fnUntraced(function* (event: ClientEvent) {
    if (event.type === "thread.request-opened" && asksPerson) {
      yield* print(printer.endLine())
      asked.set(event.data.requestId, yield* Effect.forkScoped(ask(event.data)))
      return
    }
    yield* options.json ? printLine(JSON.stringify(event)) : print(printer.event(event))
    if (event.type === "thread.request-opened") yield* tellHowToAnswer(event.data)
    // Answered elsewhere, or no longer asked: the question on the terminal is moot.
    if (event.type === "thread.request-resolved" || event.type === "thread.request-withdrawn") {
      const question = asked.get(event.data.requestId)
      if (question !== undefined) yield* Fiber.interrupt(question)
    }
  })

  while (true) {
    const next = yield* client.take
    if (next.type === "live") {
      for (const frame of next.frames) {
        yield* options.json
          ? printLine(JSON.stringify({ type: "live", ...frame }))
          : print(printer.live(frame))
      }
    } else if (next.type === "events") {
      for (const event of next.events) {
        yield* onEvent(event)
        if (watch.isEnd(event)) return event
      }
    } else if (next.type === "error") {
      if (!next.error.retryable) return yield* commandFailed(next.error.message)
      yield* remark(next.error.message)
    }
  }
})
