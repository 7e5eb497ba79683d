/** A turn in a test's hands from its first moment, and what such tests say again and again. */
import {
  type LoggedEvent,
  type MessageView,
  type ProviderRuntimeEvent,
  ToolCallId
} from "@spillway/contracts"
import { Effect } from "effect"
import { Puppet } from "./Puppet.ts"
import { createThread, startTurn } from "./TestIngestion.ts"

export const delta = (
  text: string,
  itemId = "a",
  kind: "text" | "reasoning" = "text"
): ProviderRuntimeEvent => ({ type: "text.delta", itemId, kind, delta: text })

export const call = (id: string) => ToolCallId.make(id)

/** Event types without `thread.`. */
export const typesOf = (events: ReadonlyArray<LoggedEvent>) =>
  events.map((event) => event.type.slice("thread.".length))

export const assistantMessages = (turns: ReadonlyArray<{ readonly messages: ReadonlyArray<MessageView> }>) =>
  turns.flatMap((turn) => turn.messages).filter((message) => message.role === "assistant")

/** A turn that the runtime was just called for. */
export const begin = Effect.fnUntraced(function* (but: Parameters<typeof startTurn>[1] = {}) {
  const puppet = yield* Puppet
  const threadId = yield* createThread
  const { turnId } = yield* startTurn(threadId, but)
  const turn = yield* puppet.next
  return {
    threadId,
    turnId,
    turn,
    emit: turn.session.emit,
    openStep: turn.session.openStep({ model: "model-1" })
  }
})
