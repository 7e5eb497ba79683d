import { CommandId, type Failure, MessageId, modelHistory, timeline, TurnId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { assistantMessages, begin, call, delta, typesOf } from "./testing/beginTurn.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  committed,
  committedType,
  dispatch,
  eventsOf,
  interruptTurn,
  layerTestIngestion,
  textOf,
  turnEnd,
  uniqueId,
  viewOf
} from "./testing/TestIngestion.ts"

const failure: Failure = { code: "ProviderHttp500", message: "The provider answered 500." }
const usage = { inputTokens: 3, outputTokens: 5 }

layer(layerTestIngestion, { excludeTestServices: true })("steps and messages", (it) => {
  it.effect("D1 the user message is committed, with its version, before the first step's model call", () =>
    Effect.gen(function* () {
      const { openStep, threadId, turn, turnId } = yield* begin({ text: "what is up?" })
      const asked = (yield* eventsOf(threadId)).find((event) => event.type === "thread.message-sent")
      expect(asked).toMatchObject({ version: 3, data: { text: "what is up?" } })
      expect(turn.input.prompt).toBe("what is up?")
      expect(turn.input.history).toEqual([{ role: "user", text: "what is up?" }])
      yield* openStep
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
    })
  )

  it.effect(
    "V1 the reservation is committed when openStep returns, and the next step waits for the one before",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turn, turnId } = yield* begin()
        const first = yield* openStep
        expect(typesOf(yield* eventsOf(threadId)).slice(-2)).toEqual(["step-opened", "message-opened"])
        yield* emit(delta("one"))
        yield* emit({ type: "step.finished", usage, finishReason: "tool-calls", responseId: "r1" })
        const second = yield* openStep
        const events = yield* eventsOf(threadId)
        expect(typesOf(events).slice(-6)).toEqual([
          "message-opened",
          "message-segment-appended",
          "message-closed",
          "step-closed",
          "step-opened",
          "message-opened"
        ])
        expect([first.stepId, second.stepId]).toEqual([`${turnId}#0`, `${turnId}#1`])
        for (const event of events.filter((event) => /message-(opened|segment|closed)/.test(event.type))) {
          expect(event.data).toMatchObject({
            turnId,
            stepId: expect.any(String),
            messageId: expect.any(String)
          })
        }
        yield* turn.finish
        yield* turnEnd(threadId, turnId)
      })
  )

  it.effect("V3 metadata is stamped at open, and a later back-fill is an event of its own", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("text"))
      yield* emit({ type: "model.known", model: "model-1-2026" })
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const events = yield* eventsOf(threadId)
      expect(events.find((event) => event.type === "thread.message-opened")).toMatchObject({
        actor: "runtime:puppet",
        data: { runtime: "puppet", model: "model-1" }
      })
      expect(events.find((event) => event.type === "thread.activity-recorded")?.data).toMatchObject({
        activity: { type: "message-metadata", model: "model-1-2026" }
      })
      expect(assistantMessages((yield* viewOf(threadId)).turns)[0]?.model).toBe("model-1-2026")
    })
  )

  it.effect(
    "D2 when a step closes its output is committed, the assistant first and then the results in call order",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turn, turnId } = yield* begin()
        yield* openStep
        yield* emit(delta("calling both"))
        for (const id of ["one", "two"]) {
          yield* emit({ type: "tool-call.started", toolCallId: call(id), name: "look", input: { id } })
        }
        yield* emit({ type: "step.finished", usage, finishReason: "tool-calls" })
        yield* emit({ type: "tool-call.completed", toolCallId: call("two"), status: "completed", result: 2 })
        yield* emit({ type: "tool-call.completed", toolCallId: call("one"), status: "completed", result: 1 })
        const closed = yield* committedType(threadId, "thread.step-closed")
        const events = yield* eventsOf(threadId)
        expect(
          events.filter(
            (event) => event.version <= closed.version && event.type === "thread.tool-call-closed"
          )
        ).toHaveLength(2)
        yield* turn.finish
        yield* turnEnd(threadId, turnId)
        const view = yield* viewOf(threadId)
        const history = modelHistory(view).at(-1)
        expect(history).toMatchObject({
          role: "assistant",
          toolResults: [
            { toolCallId: "one", result: 1 },
            { toolCallId: "two", result: 2 }
          ]
        })
        // The log keeps the order in which things happened.
        const order = events.flatMap((event) =>
          event.type === "thread.tool-call-closed" ? [event.data.toolCallId] : []
        )
        expect(order).toEqual(["two", "one"])
      })
  )

  it.effect("D5 parallel calls of one step share its id, on calls and results; the next step's differs", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      for (const step of [0, 1]) {
        yield* openStep
        for (const id of ["a", "b"]) {
          yield* emit({
            type: "tool-call.started",
            toolCallId: call(`${id}${step}`),
            name: "look",
            input: {}
          })
          yield* emit({
            type: "tool-call.completed",
            toolCallId: call(`${id}${step}`),
            status: "completed",
            result: id
          })
        }
        yield* emit({ type: "step.finished", finishReason: "tool-calls" })
      }
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      for (const event of yield* eventsOf(threadId)) {
        if (event.type !== "thread.tool-call-opened" && event.type !== "thread.tool-call-closed") continue
        expect(event.data.stepId).toBe(`${turnId}#${event.data.toolCallId.at(-1)}`)
      }
    })
  )

  it.effect("D4 a finished step survives an interrupt that follows it, and the turn ends interrupted", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("kept"))
      yield* emit({ type: "step.finished", usage, finishReason: "stop", responseId: "r1" })
      yield* committedType(threadId, "thread.step-closed")
      yield* openStep
      yield* interruptTurn(threadId, turnId)
      yield* turn.session.interrupted
      yield* emit({ type: "turn.aborted" })
      expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
      const [view] = (yield* viewOf(threadId)).turns
      expect(view!.steps[0]).toMatchObject({
        status: "closed",
        usage,
        finishReason: "stop",
        responseId: "r1"
      })
      expect(assistantMessages([view!]).map((message) => message.status)).toEqual(["completed", "discarded"])
    })
  )

  it.effect(
    "D6 a tool call that never finished gets an error result with the call's stepId, everywhere",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turnId } = yield* begin()
        yield* openStep
        yield* emit({ type: "tool-call.started", toolCallId: call("lost"), name: "look", input: {} })
        yield* committedType(threadId, "thread.tool-call-opened")
        yield* interruptTurn(threadId, turnId)
        yield* emit({ type: "turn.aborted" })
        yield* turnEnd(threadId, turnId)
        const closed = yield* committedType(threadId, "thread.tool-call-closed")
        expect(closed.data).toMatchObject({ toolCallId: "lost", stepId: `${turnId}#0`, status: "error" })
        const view = yield* viewOf(threadId)
        expect(assistantMessages(view.turns)[0]?.parts[0]).toMatchObject({
          type: "tool-call",
          status: "error"
        })
        expect(modelHistory(view).at(-1)).toMatchObject({
          toolResults: [{ toolCallId: "lost", status: "error" }]
        })
      })
  )

  it.effect("D7 a runtime that announces no steps still gets every message committed once", () =>
    Effect.gen(function* () {
      const { emit, threadId, turn, turnId } = yield* begin({ choice: { runtime: "silent-steps" } })
      yield* emit(delta("before "))
      yield* emit({ type: "tool-call.started", toolCallId: call("t"), name: "look", input: {} })
      yield* emit({ type: "tool-call.completed", toolCallId: call("t"), status: "completed", result: "seen" })
      yield* emit(delta("after", "b"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const messages = assistantMessages((yield* viewOf(threadId)).turns)
      expect(messages.map((message) => [message.status, message.stepId])).toEqual([
        ["completed", `${turnId}#0`],
        ["completed", `${turnId}#1`]
      ])
      expect(textOf(yield* viewOf(threadId))).toBe("before after")
    })
  )

  it.effect("V2 exactly one open and one close for each message, whatever the runtime repeats", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("x"))
      yield* emit({ type: "text.completed", itemId: "a", kind: "text", text: "x" })
      yield* emit({ type: "text.completed", itemId: "a", kind: "text", text: "x" })
      yield* emit({ type: "step.finished" })
      yield* emit({ type: "step.finished" })
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const types = typesOf(yield* eventsOf(threadId))
      expect(types.filter((type) => type === "message-opened")).toHaveLength(1)
      expect(types.filter((type) => type === "message-closed")).toHaveLength(1)
    })
  )

  it.effect(
    "V4 a retried model call discards its empty reservation, and closes a non-empty one interrupted",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turn, turnId } = yield* begin()
        yield* openStep
        yield* emit({ type: "step.retried", reason: "overloaded" })
        yield* emit(delta("half of "))
        yield* emit({ type: "step.retried", reason: "cut off" })
        yield* emit(delta("half of it, and the rest", "b"))
        yield* turn.finish
        yield* turnEnd(threadId, turnId)
        const messages = assistantMessages((yield* viewOf(threadId)).turns)
        expect(messages.map((message) => message.status)).toEqual(["discarded", "interrupted", "completed"])
        expect(new Set(messages.map((message) => message.messageId)).size).toBe(3)
      })
  )

  it.effect("V5 a provider error closes the open message with code and message, and fails the turn", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("so far"))
      yield* emit({ type: "turn.failed", error: failure })
      expect(yield* turnEnd(threadId, turnId)).toBe("failed")
      const [turn] = (yield* viewOf(threadId)).turns
      expect(turn).toMatchObject({ status: "failed", error: failure })
      expect(assistantMessages([turn!])).toMatchObject([{ status: "error", error: failure }])
    })
  )

  it.effect("T16 white space alone is never shown: its reservation closes discarded", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta(" \n\n"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      expect(assistantMessages(view.turns).map((message) => message.status)).toEqual(["discarded"])
      expect(timeline(view).map((message) => message.role)).toEqual(["user"])
    })
  )

  it.effect(
    "A16 usage, finishReason and response id are stored per step, also when the turn is aborted",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turnId } = yield* begin()
        yield* openStep
        yield* emit({ type: "tool-call.started", toolCallId: call("never"), name: "look", input: {} })
        yield* emit({ type: "step.finished", usage, finishReason: "tool-calls", responseId: "r9" })
        yield* committed(threadId, (event) => event.type === "thread.message-closed")
        yield* interruptTurn(threadId, turnId)
        yield* emit({ type: "turn.aborted" })
        yield* turnEnd(threadId, turnId)
        expect((yield* viewOf(threadId)).turns[0]?.steps).toMatchObject([
          { usage, finishReason: "tool-calls", responseId: "r9", status: "closed" }
        ])
      })
  )

  it.effect("T15 a word that might have begun a secret stands before the tool call that came behind it", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("Let me run npm"))
      yield* emit({ type: "tool-call.started", toolCallId: call("t"), name: "run", input: {} })
      yield* emit(delta(", with sk-"))
      yield* emit(delta("ant-api03-abcdefghijklmnopqrstuvwxyz0123456789 in hand"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const order = (yield* eventsOf(threadId)).flatMap((event) =>
        event.type === "thread.message-segment-appended"
          ? [event.data.text]
          : event.type === "thread.tool-call-opened"
            ? ["tool"]
            : []
      )
      expect(order).toEqual(["Let me run npm", "tool", ", with [redacted] in hand"])
    })
  )

  it.effect("D8 a steering message is taken into the next step, and what no step took is the next turn", () =>
    Effect.gen(function* () {
      const { openStep, threadId, turn, turnId } = yield* begin()
      const steer = (next: string) =>
        dispatch({
          type: "thread.turn.steer",
          commandId: CommandId.make(uniqueId("command")),
          threadId,
          turnId,
          nextTurnId: TurnId.make(next),
          messageId: MessageId.make(`${next}/ask`),
          text: `say ${next}`
        })
      expect((yield* openStep).steering).toEqual([])
      const taken = uniqueId("taken")
      const left = uniqueId("left")
      yield* steer(taken)
      expect((yield* openStep).steering).toEqual([`say ${taken}`])
      expect(turn.session.hasSteering()).toBe(false)
      yield* steer(left)
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
      const next = yield* (yield* Puppet).next
      expect(next.input).toMatchObject({ turnId: left, prompt: `say ${left}` })
      yield* next.finish
      expect(yield* turnEnd(threadId, next.input.turnId)).toBe("completed")
      expect(typesOf(yield* eventsOf(threadId)).filter((type) => type === "turn-started")).toHaveLength(2)
    })
  )
})
