import { type Failure, type LoggedEvent, type MessageView, type ProviderRuntimeEvent, RequestId, ToolCallId, modelHistory, timeline, CommandId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ProviderRuntimeIngestion } from "./ProviderRuntimeIngestion.ts"
import { RuntimeFailed } from "./ProviderRuntime.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  committed,
  committedType,
  createThread,
  dispatch,
  eventsOf,
  interruptTurn,
  layerTestIngestion,
  startTurn,
  textOf,
  turnEnd,
  uniqueId,
  viewOf
} from "./testing/TestIngestion.ts"

const delta = (text: string, itemId = "a", kind: "text" | "reasoning" = "text"): ProviderRuntimeEvent => ({
  type: "text.delta",
  itemId,
  kind,
  delta: text
})

const call = (id: string) => ToolCallId.make(id)
const failure: Failure = { code: "ProviderHttp500", message: "The provider answered 500." }
const usage = { inputTokens: 3, outputTokens: 5 }

const typesOf = (events: ReadonlyArray<LoggedEvent>) => events.map((event) => event.type.slice("thread.".length))

const assistantMessages = (turns: ReadonlyArray<{ readonly messages: ReadonlyArray<MessageView> }>) =>
  turns.flatMap((turn) => turn.messages).filter((message) => message.role === "assistant")

/** A turn that the runtime was just called for. */
const begin = Effect.fnUntraced(function*(but: Parameters<typeof startTurn>[1] = {}) {
  const puppet = yield* Puppet
  const threadId = yield* createThread
  const { turnId } = yield* startTurn(threadId, but)
  const turn = yield* puppet.next
  return { threadId, turnId, turn, emit: turn.session.emit, openStep: turn.session.openStep({ model: "model-1" }) }
})

layer(layerTestIngestion, { excludeTestServices: true })("lifecycle", (it) => {
  it.effect("D1 the user message is committed, with its version, before the first step's model call", () =>
    Effect.gen(function*() {
      const { openStep, threadId, turn, turnId } = yield* begin({ text: "what is up?" })
      const asked = (yield* eventsOf(threadId)).find((event) => event.type === "thread.message-sent")
      expect(asked).toMatchObject({ version: 3, data: { text: "what is up?" } })
      expect(turn.input.prompt).toBe("what is up?")
      expect(turn.input.history).toEqual([{ role: "user", text: "what is up?" }])
      yield* openStep
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
    }))

  it.effect("V1 the reservation is committed when openStep returns, and the next step waits for the one before", () =>
    Effect.gen(function*() {
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
        expect(event.data).toMatchObject({ turnId, stepId: expect.any(String), messageId: expect.any(String) })
      }
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
    }))

  it.effect("V3 metadata is stamped at open, and a later back-fill is an event of its own", () =>
    Effect.gen(function*() {
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
    }))

  it.effect("D2 when a step closes its output is committed, the assistant first and then the results in call order", () =>
    Effect.gen(function*() {
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
      expect(events.filter((event) => event.version <= closed.version && event.type === "thread.tool-call-closed")).toHaveLength(2)
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      const history = modelHistory(view).at(-1)
      expect(history).toMatchObject({
        role: "assistant",
        toolResults: [{ toolCallId: "one", result: 1 }, { toolCallId: "two", result: 2 }]
      })
      // The log keeps the order in which things happened.
      const order = events.flatMap((event) => (event.type === "thread.tool-call-closed" ? [event.data.toolCallId] : []))
      expect(order).toEqual(["two", "one"])
    }))

  it.effect("D5 parallel calls of one step share its id, on calls and results; the next step's differs", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      for (const step of [0, 1]) {
        yield* openStep
        for (const id of ["a", "b"]) {
          yield* emit({ type: "tool-call.started", toolCallId: call(`${id}${step}`), name: "look", input: {} })
          yield* emit({ type: "tool-call.completed", toolCallId: call(`${id}${step}`), status: "completed", result: id })
        }
        yield* emit({ type: "step.finished", finishReason: "tool-calls" })
      }
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      for (const event of yield* eventsOf(threadId)) {
        if (event.type !== "thread.tool-call-opened" && event.type !== "thread.tool-call-closed") continue
        expect(event.data.stepId).toBe(`${turnId}#${event.data.toolCallId.at(-1)}`)
      }
    }))

  it.effect("D4 a finished step survives an interrupt that follows it, and the turn ends interrupted", () =>
    Effect.gen(function*() {
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
      expect(view!.steps[0]).toMatchObject({ status: "closed", usage, finishReason: "stop", responseId: "r1" })
      expect(assistantMessages([view!]).map((message) => message.status)).toEqual(["completed", "discarded"])
    }))

  it.effect("D6 a tool call that never finished gets an error result with the call's stepId, everywhere", () =>
    Effect.gen(function*() {
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
      expect(assistantMessages(view.turns)[0]?.parts[0]).toMatchObject({ type: "tool-call", status: "error" })
      expect(modelHistory(view).at(-1)).toMatchObject({ toolResults: [{ toolCallId: "lost", status: "error" }] })
    }))

  it.effect("D7 a runtime that announces no steps still gets every message committed once", () =>
    Effect.gen(function*() {
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
    }))

  it.effect("V2 exactly one open and one close for each message, whatever the runtime repeats", () =>
    Effect.gen(function*() {
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
    }))

  it.effect("V4 a retried model call discards its empty reservation, and closes a non-empty one interrupted", () =>
    Effect.gen(function*() {
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
    }))

  it.effect("V5 a provider error closes the open message with code and message, and fails the turn", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("so far"))
      yield* emit({ type: "turn.failed", error: failure })
      expect(yield* turnEnd(threadId, turnId)).toBe("failed")
      const [turn] = (yield* viewOf(threadId)).turns
      expect(turn).toMatchObject({ status: "failed", error: failure })
      expect(assistantMessages([turn!])).toMatchObject([{ status: "error", error: failure }])
    }))

  it.effect("a runtime that fails or dies fails its turn", () =>
    Effect.gen(function*() {
      const { threadId, turn, turnId } = yield* begin()
      yield* turn.fail(new RuntimeFailed({ code: "NoModel", message: "No model is configured." }))
      expect(yield* turnEnd(threadId, turnId)).toBe("failed")
      expect((yield* viewOf(threadId)).turns[0]?.error).toMatchObject({ code: "NoModel" })
    }))

  it.effect("V9 client, queue and retry are one pipeline: each ends in a claim and a call of the runtime", () =>
    Effect.gen(function*() {
      const puppet = yield* Puppet
      const { threadId, turn, turnId } = yield* begin()
      const queued = yield* startTurn(threadId)
      yield* turn.fail(new RuntimeFailed({ code: "Test", message: "on purpose" }))
      yield* turnEnd(threadId, turnId)
      const second = yield* puppet.next
      expect(second.input.turnId).toBe(queued.turnId)
      yield* second.finish
      yield* turnEnd(threadId, queued.turnId)
      const retry = uniqueId("turn")
      yield* dispatch({
        type: "thread.turn.retry",
        commandId: CommandId.make(uniqueId("command")),
        threadId,
        turnId: retry as never,
        retryOf: turnId
      })
      const third = yield* puppet.next
      expect(third.input).toMatchObject({ turnId: retry, prompt: "hello" })
      yield* third.finish
      yield* turnEnd(threadId, retry as never)
      const types = typesOf(yield* eventsOf(threadId))
      expect(types.filter((type) => type === "session-opened")).toHaveLength(3)
    }))

  it.effect("V10 interleaved items: a delta goes to the part it names, and a user message meanwhile does not break it", () =>
    Effect.gen(function*() {
      const puppet = yield* Puppet
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("A1 ", "a"))
      yield* emit(delta("B1 ", "b"))
      const queued = yield* startTurn(threadId, { text: "meanwhile" })
      yield* emit(delta("A2", "a"))
      yield* emit(delta("B2", "b"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const [first] = (yield* viewOf(threadId)).turns
      expect(assistantMessages([first!])[0]?.parts).toMatchObject([{ text: "A1 A2" }, { text: "B1 B2" }])
      yield* (yield* puppet.next).finish
      yield* turnEnd(threadId, queued.turnId)
    }))

  it.effect("T8 the turn's completion closes every message still open in it", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("never completed by itself"))
      yield* emit({ type: "turn.completed" })
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      expect(assistantMessages(view.turns).map((message) => message.status)).toEqual(["completed"])
      expect(view.activeTurnId).toBeNull()
    }))

  it.effect("T12 runtime events and what steers them share one order", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turnId } = yield* begin({ assistantDeliveryMode: "buffered" })
      yield* openStep
      yield* emit(delta("before the interrupt"))
      yield* interruptTurn(threadId, turnId)
      const segment = yield* committedType(threadId, "thread.message-segment-appended")
      expect(segment.data.text).toBe("before the interrupt")
      yield* emit(delta(" and after"))
      yield* emit({ type: "turn.aborted" })
      yield* turnEnd(threadId, turnId)
      const types = typesOf(yield* eventsOf(threadId))
      expect(types.filter((type) => /interrupt-requested|segment/.test(type))).toEqual([
        "turn-interrupt-requested",
        "message-segment-appended",
        "message-segment-appended"
      ])
    }))

  it.effect("T13 one input that can't be taken is recorded with its context, and the worker goes on with the next", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("one "))
      // Withdraws what was never opened: the engine refuses it.
      yield* emit({ type: "request.withdrawn", requestId: RequestId.make("nowhere"), reason: "test" })
      yield* emit(delta("two"))
      yield* turn.finish
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
      expect(textOf(yield* viewOf(threadId))).toBe("one two")
      expect((yield* viewOf(threadId)).turns[0]?.activities).toMatchObject([
        { type: "event-refused", eventType: "thread.request.withdraw" }
      ])
    }))

  it.effect("T14 only the active turn's completion counts: another's is recorded and ignored", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turnId } = yield* begin()
      yield* emit({ type: "turn.started", runtimeTurnId: "mine" })
      yield* openStep
      yield* emit({ type: "turn.completed", runtimeTurnId: "another" })
      yield* emit(delta("still here"))
      yield* emit({ type: "turn.completed", runtimeTurnId: "mine" })
      expect(yield* turnEnd(threadId, turnId)).toBe("completed")
      const [view] = (yield* viewOf(threadId)).turns
      expect(view?.activities).toMatchObject([{ type: "foreign-turn-end", runtimeTurnId: "another" }])
      expect(textOf(yield* viewOf(threadId))).toBe("still here")
    }))

  it.effect("T15 text flushes before a request is seen, and the text after it is a new segment", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("before "))
      const asking = yield* turn.session
        .request({ requestId: RequestId.make("0"), kind: "approval", title: "May I?" })
        .pipe(Effect.forkChild({ startImmediately: true }))
      yield* committedType(threadId, "thread.request-opened")
      yield* dispatch({
        type: "thread.request.respond",
        commandId: CommandId.make(uniqueId("command")),
        threadId,
        requestId: RequestId.make("0"),
        response: { type: "approval", decision: "approve" }
      })
      expect(yield* Fiber.join(asking)).toMatchObject({ decision: "approve" })
      yield* emit(delta("after"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      expect(
        (yield* eventsOf(threadId)).flatMap((event) =>
          event.type === "thread.message-segment-appended"
            ? [event.data.text]
            : event.type.startsWith("thread.request")
              ? [event.type]
              : []
        )
      ).toEqual(["before ", "thread.request-opened", "thread.request-resolved", "after"])
    }))

  it.effect("T16 white space alone is never shown: its reservation closes discarded", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta(" \n\n"))
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      expect(assistantMessages(view.turns).map((message) => message.status)).toEqual(["discarded"])
      expect(timeline(view).map((message) => message.role)).toEqual(["user"])
    }))

  it.effect("T17 session.started again is harmless, and an exit ends turn and session once", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      const { offer } = yield* ProviderRuntimeIngestion
      yield* emit({ type: "session.started", providerThreadId: "theirs" })
      yield* openStep
      yield* emit(delta("text "))
      yield* emit({ type: "session.started", providerThreadId: "theirs" })
      yield* emit(delta("goes on"))
      yield* emit({ type: "session.exited" })
      yield* Effect.ignore(emit({ type: "session.exited" }))
      expect(yield* turnEnd(threadId, turnId)).toBe("interrupted")
      yield* turn.stopped
      const late = yield* Effect.flip(
        offer(
          { tenant: "default" as never, threadId },
          { sessionId: `default/${threadId}` as never, generation: 1, sourceSequence: 99 },
          { type: "session.exited" }
        )
      )
      expect(late._tag).toBe("SessionClosed")
      const types = typesOf(yield* eventsOf(threadId))
      expect(types.filter((type) => type === "session-closed")).toHaveLength(1)
      expect(types.filter((type) => type === "turn-interrupted")).toHaveLength(1)
      expect(textOf(yield* viewOf(threadId))).toBe("text goes on")
    }))

  it.effect("T18 redelivering any prefix of a runtime's events changes nothing", () =>
    Effect.gen(function*() {
      const { offer } = yield* ProviderRuntimeIngestion
      const events: ReadonlyArray<ProviderRuntimeEvent> = [
        delta("a"),
        delta("b"),
        { type: "tool-call.started", toolCallId: call("t"), name: "look", input: {} },
        { type: "tool-call.completed", toolCallId: call("t"), status: "completed", result: 1 },
        delta("c", "b"),
        delta("d", "b")
      ]
      for (let cut = 0; cut <= events.length; cut++) {
        const { threadId, turn, turnId } = yield* begin({ choice: { runtime: "silent-steps" } })
        const send = (event: ProviderRuntimeEvent, i: number) =>
          offer(
            { tenant: "default" as never, threadId },
            { sessionId: `default/${threadId}` as never, generation: 1, sourceSequence: i + 1 },
            event
          )
        yield* Effect.forEach(events.slice(0, cut), send, { discard: true })
        yield* Effect.forEach(events, send, { discard: true })
        yield* turn.finish
        yield* turnEnd(threadId, turnId)
        expect(textOf(yield* viewOf(threadId))).toBe("abcd")
        expect(typesOf(yield* eventsOf(threadId)).filter((type) => type === "tool-call-closed")).toHaveLength(1)
      }
    }))

  it.effect("T20 text known only at completion becomes a segment; a final text that differs is recorded and overwrites nothing", () =>
    Effect.gen(function*() {
      const { emit, openStep, threadId, turn, turnId } = yield* begin()
      yield* openStep
      yield* emit({ type: "text.completed", itemId: "late", kind: "text", text: "all at once. " })
      yield* emit(delta("streamed", "b"))
      yield* emit({ type: "text.completed", itemId: "b", kind: "text", text: "something else" })
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      expect(textOf(view)).toBe("all at once. streamed")
      expect(view.turns[0]?.activities).toMatchObject([{ type: "final-text-differs", finalText: "something else" }])
    }))

  it.effect("A15 system priming reaches the model and not the timeline", () =>
    Effect.gen(function*() {
      const { threadId, turn, turnId } = yield* begin({ role: "system", text: "Be brief." })
      expect(turn.input.history).toEqual([{ role: "system", text: "Be brief." }])
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      expect(timeline(yield* viewOf(threadId))).toEqual([])
    }))

  it.effect("A16 usage, finishReason and response id are stored per step, also when the turn is aborted", () =>
    Effect.gen(function*() {
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
    }))
})
