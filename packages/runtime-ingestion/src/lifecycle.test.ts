import { CommandId, type ProviderRuntimeEvent, RequestId, timeline } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ProviderRuntimeIngestion } from "./ProviderRuntimeIngestion.ts"
import { RuntimeFailed } from "./ProviderRuntime.ts"
import { assistantMessages, begin, call, delta, typesOf } from "./testing/beginTurn.ts"
import { Puppet } from "./testing/Puppet.ts"
import {
  committedType,
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

layer(layerTestIngestion, { excludeTestServices: true })("lifecycle", (it) => {
  it.effect("a runtime that fails or dies fails its turn", () =>
    Effect.gen(function* () {
      const { threadId, turn, turnId } = yield* begin()
      yield* turn.fail(new RuntimeFailed({ code: "NoModel", message: "No model is configured." }))
      expect(yield* turnEnd(threadId, turnId)).toBe("failed")
      expect((yield* viewOf(threadId)).turns[0]?.error).toMatchObject({ code: "NoModel" })
    })
  )

  it.effect(
    "V9 client, queue and retry are one pipeline: each ends in a claim and a call of the runtime",
    () =>
      Effect.gen(function* () {
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
      })
  )

  it.effect(
    "V10 interleaved items: a delta goes to the part it names, and a user message meanwhile does not break it",
    () =>
      Effect.gen(function* () {
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
      })
  )

  it.effect("T8 the turn's completion closes every message still open in it", () =>
    Effect.gen(function* () {
      const { emit, openStep, threadId, turnId } = yield* begin()
      yield* openStep
      yield* emit(delta("never completed by itself"))
      yield* emit({ type: "turn.completed" })
      yield* turnEnd(threadId, turnId)
      const view = yield* viewOf(threadId)
      expect(assistantMessages(view.turns).map((message) => message.status)).toEqual(["completed"])
      expect(view.activeTurnId).toBeNull()
    })
  )

  it.effect("T12 runtime events and what steers them share one order", () =>
    Effect.gen(function* () {
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
    })
  )

  it.effect(
    "T13 one input that can't be taken is recorded with its context, and the worker goes on with the next",
    () =>
      Effect.gen(function* () {
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
      })
  )

  it.effect("T14 only the active turn's completion counts: another's is recorded and ignored", () =>
    Effect.gen(function* () {
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
    })
  )

  it.effect("T15 text flushes before a request is seen, and the text after it is a new segment", () =>
    Effect.gen(function* () {
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
      ).toEqual([
        "before ",
        "thread.request-opened",
        "thread.request-resolved",
        "thread.request-taken",
        "after"
      ])
    })
  )

  it.effect("T17 session.started again is harmless, and an exit ends turn and session once", () =>
    Effect.gen(function* () {
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
    })
  )

  it.effect("T18 redelivering any prefix of a runtime's events changes nothing", () =>
    Effect.gen(function* () {
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
        expect(typesOf(yield* eventsOf(threadId)).filter((type) => type === "tool-call-closed")).toHaveLength(
          1
        )
      }
    })
  )

  it.effect(
    "T20 text known only at completion becomes a segment; a final text that differs is recorded and overwrites nothing",
    () =>
      Effect.gen(function* () {
        const { emit, openStep, threadId, turn, turnId } = yield* begin()
        yield* openStep
        yield* emit({ type: "text.completed", itemId: "late", kind: "text", text: "all at once. " })
        yield* emit(delta("streamed", "b"))
        yield* emit({ type: "text.completed", itemId: "b", kind: "text", text: "something else" })
        yield* turn.finish
        yield* turnEnd(threadId, turnId)
        const view = yield* viewOf(threadId)
        expect(textOf(view)).toBe("all at once. streamed")
        expect(view.turns[0]?.activities).toMatchObject([
          { type: "final-text-differs", finalText: "something else" }
        ])
      })
  )

  it.effect("A15 system priming reaches the model and not the timeline", () =>
    Effect.gen(function* () {
      const { threadId, turn, turnId } = yield* begin({ role: "system", text: "Be brief." })
      expect(turn.input.history).toEqual([{ role: "system", text: "Be brief." }])
      yield* turn.finish
      yield* turnEnd(threadId, turnId)
      expect(timeline(yield* viewOf(threadId))).toEqual([])
    })
  )
})
