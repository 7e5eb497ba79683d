import { CommandId, RequestId } from "@spillway/contracts"
import { RuntimeSessions, type SessionClaim, ThreadEngine } from "@spillway/orchestration"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { begin, claimTurn, layerTestSessions, startClaim } from "../testing/TestSessions.ts"
import { readThreadView } from "../turn/turnInput.ts"

const turnOf = ({ tenant, threadId }: SessionClaim) =>
  Effect.map(readThreadView(tenant, threadId), ({ turns }) => turns[0]!)

/** Waits for the turn to look like this, while the clock stands. */
const until = (claim: SessionClaim, looks: (turn: Effect.Success<ReturnType<typeof turnOf>>) => boolean) =>
  turnOf(claim).pipe(Effect.tap(Effect.yieldNow), Effect.repeat({ until: looks }))

const hasEnded = ({ status }: { readonly status: string }) => status !== "active"

/** Sends a client's command, and tells the session as reactors do. */
const interrupt = Effect.fnUntraced(function* ({ tenant, threadId, turnId }: SessionClaim) {
  const engine = yield* ThreadEngine
  yield* engine.dispatch(
    { tenant, actor: "tester", correlationId: null },
    { type: "thread.turn.interrupt", commandId: CommandId.make(`${turnId}/stop`), threadId, turnId }
  )
  yield* (yield* RuntimeSessions).interrupt({ tenant, threadId, turnId })
})

it.effect("A11 a runtime that says nothing for ten minutes fails its turn, and not sooner", () =>
  Effect.gen(function* () {
    const { claim, emit, stopped } = yield* begin("streaming")
    yield* TestClock.adjust("9 minutes")
    yield* emit({ type: "text.delta", itemId: "a", kind: "text", delta: "there" })
    yield* TestClock.adjust("9 minutes")
    expect(yield* turnOf(claim)).toMatchObject({ status: "active" })
    yield* TestClock.adjust("1 minute")
    expect(yield* until(claim, hasEnded)).toMatchObject({
      status: "failed",
      reason: "stalled",
      error: { code: "RuntimeStalled" }
    })
    yield* stopped
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect("A11 time that a turn waits for a person does not count", () =>
  Effect.gen(function* () {
    const { claim, request } = yield* begin("streaming")
    const requestId = RequestId.make("r")
    yield* Effect.forkChild(request({ requestId, kind: "approval", title: "May I?" }), {
      startImmediately: true
    })
    yield* until(claim, ({ requests }) => requests.length > 0)
    yield* TestClock.adjust("3 hours")
    expect(yield* turnOf(claim)).toMatchObject({ status: "active" })
    const { tenant, threadId } = claim
    const response = { type: "approval", decision: "approve" } as const
    yield* (yield* ThreadEngine).dispatch(
      { tenant, actor: "tester", correlationId: null },
      { type: "thread.request.respond", commandId: CommandId.make("respond"), threadId, requestId, response }
    )
    yield* (yield* RuntimeSessions).respond({ tenant, threadId, requestId, response })
    yield* TestClock.adjust("9 minutes")
    expect(yield* turnOf(claim)).toMatchObject({ status: "active" })
    yield* TestClock.adjust("2 minutes")
    expect(yield* until(claim, hasEnded)).toMatchObject({
      status: "failed",
      error: { code: "RuntimeStalled" }
    })
  }).pipe(Effect.provide(layerTestSessions))
)

it.effect(
  "A11 a runtime that ignores an interrupt is cut off after ten seconds, also before its first answer",
  () =>
    Effect.gen(function* () {
      const silent = yield* claimTurn("buffered")
      const before = yield* startClaim(silent)
      const writing = yield* begin("buffered")
      yield* Effect.all([interrupt(silent), interrupt(writing.claim)])
      yield* TestClock.adjust("9 seconds")
      for (const claim of [silent, writing.claim]) {
        expect(yield* turnOf(claim)).toMatchObject({ status: "active" })
      }
      yield* TestClock.adjust("1 second")
      for (const { claim, stopped } of [{ claim: silent, stopped: before.stopped }, writing]) {
        expect(yield* until(claim, hasEnded)).toMatchObject({ status: "interrupted" })
        yield* stopped
      }
    }).pipe(Effect.provide(layerTestSessions))
)
