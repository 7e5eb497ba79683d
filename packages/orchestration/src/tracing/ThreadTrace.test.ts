import type { LoggedEvent, ThreadEvent } from "@spillway/contracts"
import { CommandId, DEFAULT_TENANT } from "@spillway/contracts"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { aimed, arbitraryMove, type Move } from "../testing/arbitraryMove.ts"
import {
  append,
  approve,
  ask,
  call,
  claim,
  closeCall,
  closeMessage,
  closeSession,
  closeStep,
  closeTurn,
  create,
  messageOf,
  openMessage,
  openStep,
  respond,
  retry,
  running,
  start,
  take
} from "../testing/commands.ts"
import { eventsOf, scenarioThread, stateAfter } from "../testing/scenario.ts"
import { decide } from "../thread/decide.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import { evolve } from "../thread/evolve.ts"
import type { EndedSpan } from "./Tracing.ts"
import { ThreadTrace } from "./ThreadTrace.ts"

const START = Date.parse("2026-11-20T12:00:00.000Z")

/** Each event a second after the one before it. */
const logged = (events: ReadonlyArray<ThreadEvent>): ReadonlyArray<LoggedEvent> =>
  events.map(
    (event, i) =>
      ({
        ...event,
        tenant: DEFAULT_TENANT,
        threadId: scenarioThread,
        version: i + 1,
        position: i + 1,
        commandId: event.type === "thread.turn-start-requested" ? CommandId.make("command") : null,
        at: new Date(START + 1_000 * i).toISOString()
      }) as unknown as LoggedEvent
  )

const traced = (content = false, after = 0) =>
  new ThreadTrace("log", { content, isSampled: () => true }, after)

const spansOf = (events: ReadonlyArray<LoggedEvent>, trace = traced()): ReadonlyArray<EndedSpan> =>
  events.flatMap((event) => trace.advance(event, undefined))

const nameOfParent = (spans: ReadonlyArray<EndedSpan>, { parent }: EndedSpan) =>
  spans.find(({ context }) => context.spanId === parent?.spanId)?.name ?? null

const scenario = (...commands: ReadonlyArray<ThreadCommand>) => logged(eventsOf(...commands))

const broken = { code: "ProviderOverloaded", message: "It said: your secret plan is too long." }

describe("a turn's trace", () => {
  it("is the turn, its session, its steps and their tools, each from its first event to its last", () => {
    const events = scenario(
      ...running("a"),
      call(messageOf("a"), "one"),
      closeMessage(messageOf("a")),
      closeCall("one"),
      closeStep("a"),
      openStep("a", 1),
      openMessage("a", 1),
      append(messageOf("a", 1), "2"),
      closeMessage(messageOf("a", 1)),
      closeStep("a", 1),
      closeTurn("a")
    )
    const spans = spansOf(events)
    expect(spans.map((span) => [span.name, nameOfParent(spans, span)])).toEqual([
      ["execute_tool calculator", "chat"],
      ["chat", "spillway.session"],
      ["chat", "spillway.session"],
      ["spillway.session", "spillway.turn"],
      ["spillway.turn", null]
    ])
    expect(new Set(spans.map(({ context }) => context.traceId)).size).toBe(1)
    const times = (type: string) =>
      events.filter((event) => event.type === type).map(({ at }) => Date.parse(at))
    const [tool, first, second, session, turn] = spans
    expect([tool!.startedAt, tool!.endedAt]).toEqual([
      ...times("thread.tool-call-opened"),
      ...times("thread.tool-call-closed")
    ])
    expect([first!.startedAt, second!.startedAt]).toEqual(times("thread.step-opened"))
    expect([first!.endedAt, second!.endedAt]).toEqual(times("thread.step-closed"))
    expect(session!.startedAt).toBe(times("thread.session-opened")[0])
    expect([turn!.startedAt, turn!.endedAt]).toEqual([
      ...times("thread.turn-started"),
      ...times("thread.turn-completed")
    ])
    expect(first!.events).toMatchObject([{ name: "spillway.model_call_ended" }])
  })

  it("holds no text, no arguments, no result and no words of an error unless it is asked for them", () => {
    const events = scenario(
      create(),
      start("a", { text: "my prompt" }),
      claim("a"),
      openStep("a"),
      openMessage("a"),
      append(messageOf("a"), "my answer"),
      call(messageOf("a"), "one", { input: { my: "argument" } }),
      closeCall("one", { status: "error", result: "my result", error: broken }),
      closeTurn("a", "failed", broken)
    )
    const without = spansOf(events).map(({ error, ...span }) => ({ ...span, error: error?.code }))
    expect(JSON.stringify(without)).not.toMatch(/my |argument|secret plan/)
    const within = Object.assign({}, ...spansOf(events, traced(true)).map(({ attributes }) => attributes))
    expect(JSON.parse(within["gen_ai.input.messages"])).toEqual([
      { role: "user", parts: [{ type: "text", content: "my prompt" }] }
    ])
    expect(JSON.parse(within["gen_ai.output.messages"])).toMatchObject([
      {
        role: "assistant",
        parts: [
          { type: "text", content: "my answer" },
          { type: "tool_call", id: "one", name: "calculator", arguments: { my: "argument" } }
        ]
      }
    ])
    expect(within["gen_ai.tool.call.arguments"]).toBe('{"my":"argument"}')
    expect(within["gen_ai.tool.call.result"]).toBe('"my result"')
  })

  it("of a failed turn says so on the turn, on the step whose answer broke, and on the tool that failed", () => {
    const spans = spansOf(
      scenario(
        ...running("a"),
        call(messageOf("a"), "one"),
        closeCall("one", { status: "error", error: broken }),
        call(messageOf("a"), "two"),
        closeCall("two", { status: "denied", error: broken }),
        closeTurn("a", "failed", broken)
      )
    )
    expect(spans.map(({ error, name }) => [name, error?.code])).toEqual([
      ["execute_tool calculator", "ProviderOverloaded"],
      ["execute_tool calculator", undefined],
      ["chat", "ProviderOverloaded"],
      ["spillway.session", undefined],
      ["spillway.turn", "ProviderOverloaded"]
    ])
  })

  it("goes on over a parked session and names what a person was asked", () => {
    const spans = spansOf(
      scenario(
        ...running("a"),
        ask("may"),
        closeSession("parked"),
        respond("may", approve),
        claim("a", { generation: 2 }),
        take("may"),
        closeTurn("a")
      )
    )
    expect(spans.map((span) => [span.name, nameOfParent(spans, span)])).toEqual([
      ["spillway.session", "spillway.turn"],
      ["chat", "spillway.session"],
      ["spillway.session", "spillway.turn"],
      ["spillway.turn", null]
    ])
    expect(spans[0]!.attributes["spillway.session.reason"]).toBe("parked")
    expect(spans.at(-1)!.events!.map(({ name }) => name)).toEqual([
      "thread.request-opened",
      "thread.request-resolved"
    ])
  })

  it("of a turn that waited says how long, and of a second try which one was the first", () => {
    const spans = spansOf(
      scenario(
        create(),
        start("a"),
        claim("a"),
        start("b"),
        closeTurn("a", "failed", broken),
        claim("b", { generation: 2 }),
        closeTurn("b"),
        retry("a", "c"),
        claim("c", { generation: 3 }),
        closeTurn("c")
      )
    ).filter(({ name }) => name === "spillway.turn")
    expect(spans.map(({ attributes }) => attributes["spillway.turn_id"])).toEqual(["a", "b", "c"])
    expect(spans[0]!.attributes["spillway.turn.waited_seconds"]).toBe(2)
    expect(spans[1]!.attributes["spillway.turn.waited_seconds"]).toBeGreaterThan(2)
    expect(spans[2]!.links).toEqual([spans[0]!.context])
  })
})

const historyOf = (moves: ReadonlyArray<Move>): ReadonlyArray<LoggedEvent> => {
  const events: Array<ThreadEvent> = []
  let state = stateAfter([])
  for (const move of moves) {
    const decision = decide(state, aimed(state, move))
    if (Result.isFailure(decision)) continue
    events.push(...decision.success)
    state = decision.success.reduce(evolve, state)
  }
  return logged(events)
}

const history = fc.array(arbitraryMove, { minLength: 1, maxLength: 80 }).map(historyOf)

const ends = /^thread\.(turn-(completed|failed|interrupted)|session-closed|step-closed|tool-call-closed)$/

describe("whatever happens in a thread", () => {
  it("each end in the log is one span, its ids are its own, and what stands above it ends later or is open", () =>
    fc.assert(
      fc.property(history, (events) => {
        const spans = spansOf(events)
        expect(spans).toHaveLength(events.filter(({ type }) => ends.test(type)).length)
        expect(new Set(spans.map(({ context }) => context.spanId)).size).toBe(spans.length)
        const ended = new Map(spans.map(({ context, endedAt }) => [context.spanId, endedAt]))
        for (const span of spans) {
          expect(span.startedAt).toBeLessThanOrEqual(span.endedAt)
          expect(span.parent === null).toBe(span.name === "spillway.turn")
          if (span.parent !== null) expect(span.parent.traceId).toBe(span.context.traceId)
          // A tool that a provider runs may outlast its step, and a step the session that it began in.
          if (span.name === "spillway.session" && ended.has(span.parent!.spanId)) {
            expect(ended.get(span.parent!.spanId)).toBeGreaterThanOrEqual(span.endedAt)
          }
        }
      }),
      { numRuns: 300 }
    ))

  it("a trace that another process goes on with is the same", () =>
    fc.assert(
      fc.property(history, fc.nat(1_000), (events, at) => {
        const cut = at % (events.length + 1)
        const first = spansOf(events.slice(0, cut))
        const second = traced()
        spansOf(events.slice(0, cut), second)
        expect([...first, ...spansOf(events.slice(cut), second)]).toEqual(spansOf(events))
      }),
      { numRuns: 300 }
    ))

  it("one that begins with a turn has that turn's spans, and knows what it does not cover", () =>
    fc.assert(
      fc.property(history, (events) => {
        const whole = traced()
        const spansAt = new Map(events.map((event) => [event.version, whole.advance(event, undefined)]))
        for (const { type, version } of events) {
          if (type !== "thread.turn-start-requested") continue
          const late = traced(false, version - 1)
          for (const event of events.slice(version - 1)) {
            if (!late.covers(event)) break
            expect(late.advance(event, undefined)).toEqual(spansAt.get(event.version))
          }
        }
      }),
      { numRuns: 300 }
    ))
})
