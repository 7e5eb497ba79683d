import { type ProviderRuntimeEvent, RequestId, ToolCallId } from "@spillway/contracts"
import { EventLog, ingestWithText, ThreadEngine } from "@spillway/orchestration"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { begin, claimTurn, keptOf, layerTestSessions, LogSwitch, shownText } from "../testing/TestSessions.ts"
import { readThreadView } from "../turn/turnInput.ts"

const delta = (text: string): ProviderRuntimeEvent => ({
  type: "text.delta",
  itemId: "a",
  kind: "text",
  delta: text
})

const viewOf = ({ tenant, threadId }: Effect.Success<ReturnType<typeof claimTurn>>) =>
  readThreadView(tenant, threadId)

/** Waits until the turn of the claim has ended; the result is its view. */
const turnEnded = (claim: Effect.Success<ReturnType<typeof claimTurn>>) =>
  viewOf(claim).pipe(
    Effect.map(({ turns }) => turns[0]!),
    Effect.tap(Effect.yieldNow),
    Effect.repeat({ until: ({ status }) => status !== "active" })
  )

it.effect("T13 a command that can't be stored is left out alone, and what stands around it goes in", () =>
  Effect.gen(function* () {
    const log = yield* LogSwitch
    const { claim, emit } = yield* begin("buffered")
    log.poison = "poison"
    // Committed together with the call.
    yield* emit(delta("before "))
    const toolCallId = ToolCallId.make("call")
    yield* emit({ type: "tool-call.started", toolCallId, name: "run", input: { command: "poison" } })
    yield* emit(delta("after"))
    yield* emit({ type: "turn.completed" })
    const turn = yield* turnEnded(claim)
    expect(turn.status).toBe("completed")
    expect(yield* shownText(claim)).toBe("before after")
    expect(turn.activities).toMatchObject([
      { type: "event-refused", eventType: "thread.tool-call.open" },
      // There is none to close at the turn's end.
      { type: "event-refused", eventType: "thread.tool-call.close" }
    ])
    const { cursor } = yield* EventLog
    expect((yield* cursor(claim.sessionId))?.through).toBe(4)
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect("A11 a turn whose end can't be stored as its runtime said it does not stay open", () =>
  Effect.gen(function* () {
    const log = yield* LogSwitch
    const { claim, emit } = yield* begin("streaming")
    yield* emit(delta("said"))
    log.poison = "unspeakable"
    yield* emit({ type: "turn.completed", reason: "unspeakable" })
    expect(yield* turnEnded(claim)).toMatchObject({ status: "failed", error: { code: "SessionFailed" } })
    expect(yield* shownText(claim)).toBe("said")
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect("T13 a command that can't be decided is named, and nothing of its batch is committed", () =>
  Effect.gen(function* () {
    const engine = yield* ThreadEngine
    const claim = yield* claimTurn("buffered")
    const before = yield* viewOf(claim)
    const take = { type: "thread.request.withdraw", requestId: RequestId.make("r"), reason: "test" } as const
    const record = {
      type: "thread.activity.record",
      activity: { type: "notice", level: "info", text: "fine" }
    } as const
    const failure = yield* Effect.flip(
      engine.ingest({
        tenant: claim.tenant,
        threadId: claim.threadId,
        actor: "runtime:puppet",
        commands: [record, record, { ...take, type: "thread.unheard-of" } as never, record],
        cursor: null
      })
    )
    expect(failure).toMatchObject({ _tag: "CommandFailed", index: 2 })
    expect(yield* viewOf(claim)).toEqual(before)
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect("A11 a lost turn whose text can't be stored is ended without it", () =>
  Effect.gen(function* () {
    const log = yield* LogSwitch
    const { claim, emit } = yield* begin("buffered")
    yield* emit(delta("poison"))
    yield* TestClock.adjust("1 second")
    expect(yield* keptOf(claim)).toEqual([[0, "poison"]])
    log.poison = "poison"
    const { tenant, threadId, turnId } = claim
    const state = yield* (yield* ThreadEngine).state(tenant, threadId)
    const close = {
      type: "thread.turn.close",
      turnId,
      outcome: "interrupted",
      reason: "test",
      error: null
    } as const
    const outcome = yield* ingestWithText(state, {
      tenant,
      threadId,
      actor: "spillway",
      commands: [close],
      cursor: null
    })
    expect(outcome._tag).toBe("Committed")
    expect(yield* turnEnded(claim)).toMatchObject({ status: "interrupted" })
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect(
  "A11 a lost turn that was ended while it was looked at is left alone, and nobody is alarmed",
  () => {
    const alarms: Array<unknown> = []
    const alarm = Logger.make<unknown, void>(({ logLevel, message }) => {
      if (logLevel === "Error") alarms.push(message)
    })
    return Effect.gen(function* () {
      const { claim, emit } = yield* begin("buffered")
      const { tenant, threadId, turnId } = claim
      yield* emit(delta("once"))
      yield* TestClock.adjust("1 second")
      const state = yield* (yield* ThreadEngine).state(tenant, threadId)
      const log = yield* EventLog
      const kept = yield* log.checkpoint(claim.sessionId)
      const close = {
        type: "thread.turn.close",
        turnId,
        outcome: "interrupted",
        reason: "test",
        error: null
      } as const
      const end = { tenant, threadId, actor: "spillway", commands: [close], cursor: null }
      expect((yield* ingestWithText(state, end))._tag).toBe("Committed")
      // As when the checkpoint was read before that.
      const outcome = yield* ingestWithText(state, end).pipe(
        Effect.provideService(EventLog, { ...log, checkpoint: () => Effect.succeed(kept) })
      )
      expect(outcome._tag).toBe("Refused")
      expect(yield* shownText(claim)).toBe("once")
      expect(alarms).toEqual([])
    }).pipe(Effect.provide(layerTestSessions.pipe(Layer.provideMerge(Logger.layer([alarm])))))
  }
)
