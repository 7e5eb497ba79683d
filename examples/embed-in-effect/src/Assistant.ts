/** A service of one's own over the engine's layers: asks a question in a thread and waits for the answer. Every failure is in the type. */
import {
  CommandId,
  DEFAULT_TENANT,
  isTurnEnd,
  MessageId,
  type ThreadId,
  timeline,
  TurnId
} from "@spillway/contracts"
import { EventLog, Publisher, ReadModels, ThreadEngine } from "@spillway/orchestration"
import { Context, Effect, Layer, Schema, Stream } from "effect"
import { randomUUID } from "node:crypto"

/** There is no answer: the engine refused the question, or the turn did not complete. */
export class NotAnswered extends Schema.TaggedError<NotAnswered>()("NotAnswered", {
  code: Schema.String,
  message: Schema.String
}) {}

export class Assistant extends Context.Service<
  Assistant,
  {
    /** Asks in a thread, which is created if there is none, and gives the text of the answer once its turn has completed. */
    readonly ask: (threadId: ThreadId, question: string) => Effect.Effect<string, NotAnswered>
  }
>()("example/Assistant") {
  static readonly layer = Layer.effect(
    Assistant,
    Effect.gen(function* () {
      const engine = yield* ThreadEngine
      const log = yield* EventLog
      const publisher = yield* Publisher
      const readModels = yield* ReadModels
      const origin = { tenant: DEFAULT_TENANT, actor: "assistant", correlationId: null }

      const ask = Effect.fn("Assistant.ask")(function* (threadId: ThreadId, question: string) {
        // A second create is refused, and that is as good.
        yield* engine.dispatch(origin, {
          type: "thread.create",
          commandId: CommandId.make(randomUUID()),
          threadId
        })
        // From here on the log is followed, so that the end of the turn can't be missed.
        const before = yield* log.head
        const turnId = TurnId.make(randomUUID())
        const receipt = yield* engine.dispatch(origin, {
          type: "thread.turn.start",
          commandId: CommandId.make(randomUUID()),
          threadId,
          turnId,
          messageId: MessageId.make(randomUUID()),
          text: question
        })
        if (receipt.status === "rejected") {
          const { _tag, message } = receipt.rejection
          return yield* new NotAnswered({ code: _tag, message })
        }

        const ended = yield* publisher.follow(before).pipe(
          Stream.flatMap(Stream.fromIterable),
          Stream.filter((event) => isTurnEnd(event) && event.data.turnId === turnId),
          Stream.runHead,
          Effect.flatMap(Effect.fromOption)
        )
        yield* readModels.waitFor(ended.position)
        const found = yield* readModels.thread(DEFAULT_TENANT, threadId)
        const turn = found?.view.turns.find((turn) => turn.turnId === turnId)
        if (found === undefined || turn?.status !== "completed") {
          const message = turn?.error?.message ?? `The turn ended ${turn?.status}: ask again.`
          return yield* new NotAnswered({ code: turn?.error?.code ?? "TurnInterrupted", message })
        }
        const messages = new Set(turn.messages.map(({ messageId }) => messageId))
        return timeline(found.view)
          .filter(({ messageId, role }) => role === "assistant" && messages.has(messageId))
          .flatMap(({ parts }) => parts)
          .map((part) => (part.type === "text" ? part.text : ""))
          .join("")
      })

      return Assistant.of({
        ask: (threadId, question) =>
          ask(threadId, question).pipe(
            Effect.catchTags({
              Unavailable: (error) => new NotAnswered({ code: error._tag, message: error.message }),
              OutcomeUnknown: (error) => new NotAnswered({ code: error._tag, message: error.message }),
              CommandFailed: (error) => new NotAnswered({ code: error._tag, message: error.message }),
              ProjectionFailed: (error) => new NotAnswered({ code: error._tag, message: error.message }),
              NoSuchElementError: () => Effect.die("the log is followed for ever")
            })
          )
      })
    })
  )
}
