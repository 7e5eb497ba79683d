import { describe, expect, it } from "@effect/vitest"
import {
  type ClientEvent,
  type DataOf,
  MessageId,
  StepId,
  type ThreadEventType,
  TurnId
} from "@spillway/contracts"
import { TurnWatch } from "./TurnWatch.ts"

const mine = TurnId.make("mine")
const other = TurnId.make("other")
const messageId = MessageId.make("message")

const event = <T extends ThreadEventType>(type: T, data: DataOf<T>) =>
  ({ type, data }) as unknown as ClientEvent

const completed = (turnId: TurnId) => event("thread.turn-completed", { turnId, reason: "stop" })
const steered = event("thread.turn-steered", {
  turnId: other,
  messageId,
  nextTurnId: mine,
  assistantDeliveryMode: "buffered",
  choice: {}
})
const takenIn = event("thread.step-opened", {
  turnId: other,
  stepId: StepId.make("other#1"),
  steeredBy: [messageId]
})
const deleted = event("thread.deleted", {})

/** The index of the event that ends it; -1 when none does. */
const endOf = (...events: ReadonlyArray<ClientEvent>) => {
  const watch = new TurnWatch(mine, messageId)
  return events.findIndex((event) => watch.isEnd(event))
}

describe("what was asked for ends", () => {
  it("with the turn of that id, however it ends, and not with another", () => {
    expect(endOf(completed(other), completed(mine))).toBe(1)
    expect(endOf(event("thread.turn-interrupted", { turnId: mine, reason: "asked" }))).toBe(0)
  })

  it("with the turn that took the steering message in", () => {
    expect(endOf(steered, takenIn, completed(other), completed(mine))).toBe(2)
  })

  it("with its own turn, when the steering message was left over", () => {
    expect(endOf(steered, completed(other), completed(mine))).toBe(2)
  })

  it("with the thread", () => {
    expect(endOf(deleted)).toBe(0)
  })
})
