/** Plays a whole transcript on a thread of its own and holds the thread against what the transcript says. */
import { DEFAULT_TENANT, type ThreadId } from "@spillway/contracts"
import { expect } from "@effect/vitest"
import { ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import { createThread, eventsOf, viewOf } from "../TestIngestion.ts"
import { shownTurn } from "./ExpectedTurn.ts"
import { type Played, type PlayOptions, playTurn } from "./play.ts"
import type { Recording } from "./Recording.ts"
import { translate } from "./Transcript.ts"

export const playRecording = Effect.fnUntraced(function* (
  { expected: byHand, lines, protocol }: Recording,
  options: Omit<PlayOptions, "runtime">
) {
  const threadId = yield* createThread
  const turns = translate(protocol.translator({ connection: "a" }), lines)
  const expected = byHand ?? protocol.expect(lines)
  const played: Array<Played> = []
  for (const turn of turns) {
    played.push(yield* playTurn(threadId, turn, { ...options, runtime: protocol.runtime }))
  }
  const view = yield* viewOf(threadId)
  expect(view.turns.map(shownTurn)).toEqual(expected)
  yield* expectNothingOpen(threadId)
  return { threadId, view, played, expected }
})

/** No turn, step, message, call or request is left open; each message opened once and closed once; the read model shows the same. */
export const expectNothingOpen = Effect.fnUntraced(function* (threadId: ThreadId) {
  const view = yield* viewOf(threadId)
  expect(view.activeTurnId).toBe(null)
  expect(view.queue).toEqual([])
  for (const { messages, requests, status, steps } of view.turns) {
    expect(["completed", "failed", "interrupted"]).toContain(status)
    expect(steps.filter((step) => step.status === "open")).toEqual([])
    expect(requests.filter((request) => request.status === "pending")).toEqual([])
    expect(messages.filter((message) => message.status === "open")).toEqual([])
    const parts = messages.flatMap((message) => message.parts)
    expect(parts.filter((part) => part.type === "tool-call" && part.status === "open")).toEqual([])
  }
  const events = yield* eventsOf(threadId)
  const messagesOf = (type: "thread.message-opened" | "thread.message-closed") =>
    events.flatMap((event) => (event.type === type ? [event.data.messageId] : [])).sort()
  expect(messagesOf("thread.message-opened")).toEqual(messagesOf("thread.message-closed"))
  expect(new Set(messagesOf("thread.message-opened")).size).toBe(messagesOf("thread.message-opened").length)
  const refused = view.turns.flatMap((turn) => turn.activities).filter(({ type }) => type === "event-refused")
  expect(refused).toEqual([])
  const readModels = yield* ReadModels
  expect((yield* readModels.thread(DEFAULT_TENANT, threadId))?.view).toEqual(view)
})
