import {
  type ClientEvent,
  ClientCommand,
  DEFAULT_TENANT,
  emptyThreadView,
  foldThread,
  isTurnEnd,
  SCHEMA_VERSION,
  ThreadEvent,
  type ThreadView
} from "@spillway/contracts"
import { Result, Schema } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { aimed, arbitraryMove, type Move } from "../testing/arbitraryMove.ts"
import { create } from "../testing/commands.ts"
import { scenarioThread } from "../testing/scenario.ts"
import { decide } from "./decide.ts"
import type { ThreadCommand } from "./Decision.ts"
import { evolve } from "./evolve.ts"
import { emptyThreadState, type ThreadState } from "./ThreadState.ts"

const arbitraryMoves = fc
  .array(arbitraryMove, { maxLength: 160, size: "max" })
  .map((moves): ReadonlyArray<Move> => [{ command: create(), salt: 0 }, ...moves])

const nothing = emptyThreadState(DEFAULT_TENANT, scenarioThread)
const isClientCommand = (command: ThreadCommand): command is ClientCommand =>
  command.type in ClientCommand.cases

const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

/** What a move does. */
const play = (state: ThreadState, move: Move): ReadonlyArray<ThreadEvent> => {
  const command = aimed(state, move)
  const decision = decide(state, command)
  expect(decide(state, command)).toEqual(decision)
  if (Result.isFailure(decision)) {
    expect(decision.failure.message).toMatch(/^[A-Z].*\.$/s)
    return []
  }
  if (isClientCommand(command)) expect(decision.success.length).toBeGreaterThan(0)
  return decision.success
}

const logged = (event: ThreadEvent, version: number): ClientEvent => ({
  ...event,
  tenant: DEFAULT_TENANT,
  threadId: scenarioThread,
  version,
  schemaVersion: SCHEMA_VERSION,
  commandId: null,
  causationId: null,
  correlationId: null,
  actor: "somebody",
  at: new Date(version).toISOString()
})

const ids = (record: object) => Object.keys(record).sort((a, b) => (a < b ? -1 : 1))
const open = <A extends { readonly status: string }>(things: ReadonlyArray<A>, status = "open") =>
  things.filter((thing) => thing.status === status)

/** What the state says, as the view must say it too. */
const fromState = (state: ThreadState) => ({
  version: state.version,
  active: state.active?.turnId ?? null,
  queue: state.queue,
  turns: Object.entries(state.turns)
    .map(
      ([turnId, turn]) =>
        [turnId, turn.status, turn.mode, turn.messageId, turn.retryOf, turn.retriedBy] as const
    )
    .sort(([a], [b]) => (a < b ? -1 : 1)),
  interruptRequested: state.active?.interruptRequested ?? false,
  openStep: state.active?.openStep ?? null,
  steps: state.active?.nextStepIndex ?? 0,
  openMessages: ids(state.active?.openMessages ?? {}),
  parts: Object.values(state.active?.openMessages ?? {})
    .flatMap(({ messageId, parts }) =>
      Object.entries(parts).map(([partId, { kind, length }]) => `${messageId} ${partId} ${kind} ${length}`)
    )
    .sort((a, b) => (a < b ? -1 : 1)),
  openToolCalls: Object.values(state.active?.openToolCalls ?? {})
    .map(({ outputLength, toolCallId }) => `${toolCallId} ${outputLength}`)
    .sort((a, b) => (a < b ? -1 : 1)),
  pendingRequests: ids(state.active?.pendingRequests ?? {}),
  messages: ids(state.messages)
})

const fromView = (view: ThreadView): ReturnType<typeof fromState> => {
  const active = view.turns.find((turn) => turn.turnId === view.activeTurnId)
  const messages = active?.messages ?? []
  const openMessages = open(messages)
  return {
    version: view.version,
    active: view.activeTurnId,
    queue: view.queue,
    turns: view.turns
      .map(
        (turn) =>
          [
            turn.turnId,
            turn.status,
            turn.assistantDeliveryMode,
            turn.messageId,
            turn.retryOf,
            turn.retriedBy
          ] as const
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    interruptRequested: active?.interruptRequested ?? false,
    openStep: open(active?.steps ?? [])[0]?.stepId ?? null,
    steps: active?.steps.length ?? 0,
    openMessages: openMessages.map(({ messageId }) => messageId).sort((a, b) => (a < b ? -1 : 1)),
    parts: openMessages
      .flatMap(({ messageId, parts }) =>
        parts.map(
          (part) =>
            `${messageId} ${part.partId} ${part.type} ${part.type === "tool-call" ? 0 : part.text.length}`
        )
      )
      .sort((a, b) => (a < b ? -1 : 1)),
    openToolCalls: messages
      .flatMap(({ parts }) => parts)
      .flatMap((part) => (part.type === "tool-call" && part.status === "open" ? [part] : []))
      .map(({ output, toolCallId }) => `${toolCallId} ${output.length}`)
      .sort((a, b) => (a < b ? -1 : 1)),
    pendingRequests: open(active?.requests ?? [], "pending")
      .map(({ requestId }) => requestId)
      .sort((a, b) => (a < b ? -1 : 1)),
    messages: [
      ...new Set(view.turns.flatMap((turn) => turn.messages.map(({ messageId }) => messageId)))
    ].sort((a, b) => (a < b ? -1 : 1))
  }
}

const historyOf = (moves: ReadonlyArray<Move>): ReadonlyArray<ThreadEvent> => {
  let state = nothing
  return moves.flatMap((move) => {
    const events = play(state, move)
    state = events.reduce(evolve, state)
    return events
  })
}

describe("deciding and folding", () => {
  it("T14 keeps one turn active at most, one view of it everywhere, and writes to nothing it was given", () => {
    fc.assert(
      fc.property(arbitraryMoves, (moves) => {
        let state = frozen(nothing)
        let view = emptyThreadView(scenarioThread)
        for (const move of moves) {
          const events = frozen(play(state, move))
          view = foldThread(
            view,
            events.map((event, k) => logged(event, state.version + 1 + k))
          )
          const version = state.version + events.length
          state = frozen(events.reduce(evolve, state))
          expect(state.version).toBe(version)
          expect(fromState(state)).toEqual(fromView(view))
          const withStatus = (status: string) =>
            Object.entries(state.turns).flatMap(([id, turn]) => (turn.status === status ? [id] : []))
          expect(withStatus("active")).toEqual(state.active === null ? [] : [state.active.turnId])
          expect(new Set(withStatus("queued"))).toEqual(new Set(state.queue))
          if (state.active === null) expect(state.queue).toEqual([])
        }
      }),
      { numRuns: 150 }
    )
  })

  it("V2 opens and closes each message, step, tool call and request once, and all of them by the end of their turn", () => {
    fc.assert(
      fc.property(arbitraryMoves, (moves) => {
        const openNow = new Map<string, string>()
        const ever = new Set<string>()
        const answered = new Set<string>()
        const opened = (key: string, turnId: string) => {
          expect(ever).not.toContain(key)
          ever.add(key)
          openNow.set(key, turnId)
        }
        const closed = (key: string, turnId: string) => {
          expect(openNow.get(key)).toBe(turnId)
          openNow.delete(key)
        }
        for (const event of historyOf(moves)) {
          if (isTurnEnd(event)) expect([...openNow.values()]).not.toContain(event.data.turnId)
          const { data } = event
          if (event.type === "thread.message-opened")
            opened(`message ${event.data.messageId}`, event.data.turnId)
          if (event.type === "thread.message-closed")
            closed(`message ${event.data.messageId}`, event.data.turnId)
          if (event.type === "thread.step-opened") opened(`step ${event.data.stepId}`, event.data.turnId)
          if (event.type === "thread.step-closed") closed(`step ${event.data.stepId}`, event.data.turnId)
          if (event.type === "thread.request-opened")
            opened(`request ${event.data.requestId}`, event.data.turnId)
          if (event.type === "thread.request-resolved")
            closed(`request ${event.data.requestId}`, event.data.turnId)
          if (event.type === "thread.request-withdrawn")
            closed(`request ${event.data.requestId}`, event.data.turnId)
          if (event.type === "thread.request-resolved") answered.add(event.data.requestId)
          if (event.type === "thread.request-taken") expect(answered.delete(event.data.requestId)).toBe(true)
          // D6: a call's result carries the step of the call.
          if (event.type === "thread.tool-call-opened")
            opened(`call ${event.data.stepId} ${event.data.toolCallId}`, event.data.turnId)
          if (event.type === "thread.tool-call-closed")
            closed(`call ${event.data.stepId} ${event.data.toolCallId}`, event.data.turnId)
          if ("stepId" in data && data.stepId !== null)
            expect(data.stepId.startsWith(`${data.turnId}#`)).toBe(true)
        }
      }),
      { numRuns: 150 }
    )
  })

  it("goes on from a snapshot of the state at any version as if there had been none", () => {
    fc.assert(
      fc.property(arbitraryMoves, fc.nat(), (moves, at) => {
        const events = historyOf(moves)
        const version = at % (events.length + 1)
        const snapshot = events.slice(0, version).reduce(evolve, nothing)
        const loaded = JSON.parse(JSON.stringify(snapshot)) as ThreadState
        expect(loaded).toEqual(snapshot)
        expect(events.slice(version).reduce(evolve, loaded)).toEqual(events.reduce(evolve, nothing))
      }),
      { numRuns: 150 }
    )
  })

  it("writes events of the shape that the log holds", () => {
    const decode = Schema.decodeUnknownSync(ThreadEvent)
    fc.assert(
      fc.property(arbitraryMoves, (moves) => {
        for (const event of historyOf(moves)) expect(decode(event)).toEqual(event)
      }),
      { numRuns: 100 }
    )
  })
})
