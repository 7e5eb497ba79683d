/** What reaches an OpenTelemetry collector of turns on a whole server, held against docs/tracing.md. */
import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { isTurnEnd, type RuntimeChoice, type ServerFrame, type ThreadId } from "@spillway/contracts"
import { TracingSettings } from "@spillway/orchestration"
import { Effect, Layer } from "effect"
import { Listener } from "../doors/Listener.ts"
import { createThread, newThreadId, respondTo, startTurn } from "../testing/commands.ts"
import { subscribeTo } from "../testing/runningThread.ts"
import type { TestClient } from "../testing/TestClient.ts"
import { type CollectedSpan, testCollector } from "../testing/TestCollector.ts"
import { connectHere, testSettings } from "../testing/TestServer.ts"
import { tracedRuntimes } from "../testing/tracedRuntimes.ts"
import { documentedAttributes, documentedName, documentedTree } from "../testing/tracingDocument.ts"
import { layerSpillway } from "../Spillway.ts"

/** What tools were given since it was last emptied. */
const traceparents: Array<string | undefined> = []

const processOn = (tracer: Layer.Layer<never>, content = false) =>
  Layer.unwrap(
    Effect.map(TestDatabase, ({ url }) =>
      layerSpillway({ ...testSettings, databaseUrl: url }, tracedRuntimes(traceparents))
    )
  ).pipe(
    Layer.provideMerge(tracer),
    Layer.provide(Layer.succeed(TracingSettings, { content, ratio: 1 })),
    Layer.fresh
  )

const hasEvent = (type: string) => (frame: ServerFrame) =>
  frame.type === "events" && frame.events.some((event) => event.type === type)

const hasEnd = (frame: ServerFrame) => frame.type === "events" && frame.events.some(isTurnEnd)

/** Asks for a turn on a thread of its own, and follows it. */
const ask = Effect.fnUntraced(function* (client: TestClient, choice: RuntimeChoice) {
  const threadId = newThreadId()
  yield* client.send({ type: "command", command: createThread(threadId) })
  yield* client.expect("receipt")
  yield* subscribeTo(client, threadId, { afterVersion: 0 })
  const command = startTurn(threadId, { text: "a secret prompt", choice })
  yield* client.send({ type: "command", command })
  return { threadId, turnId: command.turnId }
})

const playTurn = (choice: RuntimeChoice) =>
  Effect.gen(function* () {
    const client = yield* connectHere()
    const asked = yield* ask(client, choice)
    yield* client.until(hasEnd)
    return asked
  }).pipe(Effect.scoped)

const ofTurn = (spans: ReadonlyArray<CollectedSpan>, threadId: ThreadId) => {
  const turn = spans.find(
    ({ attributes, name }) => name === "spillway.turn" && attributes["spillway.thread_id"] === threadId
  )
  return spans.filter(({ traceId }) => traceId === turn?.traceId)
}

const nameOfParent = (spans: ReadonlyArray<CollectedSpan>, span: CollectedSpan) => {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return parent === undefined ? null : documentedName(parent)
}

const counted = (names: ReadonlyArray<string>) =>
  Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]))

const choices: Readonly<Record<string, RuntimeChoice>> = {
  scripted: { runtime: "scripted", options: { script: "two-tools" } },
  "ai-sdk": { runtime: "ai-sdk" }
}

describe("the trace of a turn", () => {
  for (const [runtime, choice] of Object.entries(choices)) {
    it.live(`with two tools on the ${runtime} runtime has the spans and parents that are documented`, () =>
      Effect.gen(function* () {
        const collector = yield* testCollector
        const { threadId, turnId } = yield* playTurn(choice).pipe(
          Effect.provide(processOn(collector.layerTracer))
        )
        const spans = ofTurn(collector.spans, threadId)
        // Every span stands below the one that the document says, and no documented one is missing.
        const edges = spans.map((span) => [documentedName(span), nameOfParent(spans, span)] as const)
        expect(new Set(edges.map(String))).toEqual(new Set(documentedTree().map(String)))
        expect(counted(spans.map(documentedName))).toEqual({
          "spillway.turn": 1,
          "spillway.command": 1,
          "spillway.append": 1,
          "spillway.session": 1,
          "chat {model}": 2,
          "execute_tool {name}": 2
        })
        expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
        for (const span of spans) {
          const allowed = documentedAttributes(documentedName(span)).filter(({ isContent }) => !isContent)
          expect(allowed.map(({ key }) => key)).toEqual(expect.arrayContaining(Object.keys(span.attributes)))
        }
        expect(JSON.stringify(spans)).not.toContain("secret")

        const tools = spans.filter(({ name }) => name.startsWith("execute_tool"))
        const first = spans.find(
          ({ attributes, name }) =>
            name.startsWith("chat") && attributes["spillway.step_id"] === `${turnId}#0`
        )!
        expect(
          tools.map(({ attributes, name, status }) => [
            name,
            attributes["spillway.tool_call.outcome"],
            status
          ])
        ).toEqual(
          expect.arrayContaining([
            ["execute_tool weigh", "completed", { code: 1 }],
            [
              "execute_tool measure",
              "error",
              { code: 2, message: expect.stringMatching(/^(TooFar|ToolFailed)$/) }
            ]
          ])
        )
        expect(first.attributes).toMatchObject({
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": runtime === "scripted" ? "scripted" : "gcp.gemini",
          "gen_ai.request.model": runtime === "scripted" ? "scripted" : "mock-1",
          "gen_ai.response.finish_reasons": ["tool-calls"],
          "gen_ai.response.id": runtime === "scripted" ? `scripted/${turnId}#0` : "response-1"
        })
        if (runtime === "ai-sdk") {
          expect(first.attributes).toMatchObject({
            "gen_ai.usage.input_tokens": 11,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 3
          })
          // What a tool sends along is its own span.
          expect(new Set(traceparents.splice(0))).toEqual(
            new Set(tools.map(({ spanId, traceId }) => `00-${traceId}-${spanId}-01`))
          )
        }
        // Creating the thread has to do with no turn.
        const others = collector.spans.filter(({ traceId }) => traceId !== first.traceId)
        expect(others.map((span) => [span.name, nameOfParent(others, span)])).toEqual(
          expect.arrayContaining([
            ["spillway.command", null],
            ["spillway.append", "spillway.command"]
          ])
        )
      }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
    )
  }

  it.live("carries what was said where that is asked for, and has every attribute that is documented", () =>
    Effect.gen(function* () {
      const collector = yield* testCollector
      yield* Effect.gen(function* () {
        yield* Effect.forEach(Object.values(choices), playTurn)
        yield* playTurn({ options: { script: "failing" } })
        const client = yield* connectHere()
        yield* client.send({ type: "command", command: startTurn(newThreadId()) })
        const { receipt } = yield* client.expect("receipt")
        expect(receipt.status).toBe("rejected")
      }).pipe(Effect.scoped, Effect.provide(processOn(collector.layerTracer, true)))

      const seen = new Set(
        collector.spans.flatMap((span) =>
          Object.keys(span.attributes).map((key) => `${documentedName(span)} ${key}`)
        )
      )
      const missing = documentedTree()
        .flatMap(([name]) => documentedAttributes(name).map(({ key }) => `${name} ${key}`))
        .filter((attribute) => !seen.has(attribute))
      // They need a caller that gives an id, a database that is away, and a provider that answers with another model than was asked.
      expect(missing).toEqual([
        "spillway.command spillway.correlation_id",
        "spillway.command error.type",
        "chat {model} gen_ai.response.model"
      ])
      const text = JSON.stringify(collector.spans)
      for (const said of ["prompt", "argument", "result", "place", "reason"]) {
        expect(text).toContain(`secret ${said}`)
      }
      expect(text).toContain("the second secret answer")
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("is linked with the trace that a caller brings along over HTTP", () =>
    Effect.gen(function* () {
      const collector = yield* testCollector
      const caller = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" }
      const threadId = newThreadId()
      const started = startTurn(threadId, { choice: choices["scripted"]! })
      yield* Effect.gen(function* () {
        const { address } = yield* Listener
        for (const command of [createThread(threadId), started]) {
          const { status } = yield* Effect.promise(() =>
            fetch(`http://${address}/v1/commands`, {
              method: "POST",
              headers: {
                "content-type": "application/json",
                traceparent: `00-${caller.traceId}-${caller.spanId}-01`
              },
              body: JSON.stringify(command)
            })
          )
          expect(status).toBe(200)
        }
        const client = yield* connectHere()
        yield* subscribeTo(client, threadId, { afterVersion: 0 })
        yield* client.until(hasEnd)
      }).pipe(Effect.scoped, Effect.provide(processOn(collector.layerTracer)))

      const requests = collector.spans.filter(({ name }) => name === "POST")
      expect(requests.map(({ parentSpanId, traceId }) => ({ spanId: parentSpanId, traceId }))).toEqual([
        caller,
        caller
      ])
      const commandOf = (type: string) =>
        collector.spans.find(({ attributes }) => attributes["spillway.command.type"] === type)!
      expect(requests.map(({ spanId }) => spanId)).toContain(commandOf("thread.create").parentSpanId)
      const start = commandOf("thread.turn.start")
      expect(ofTurn(collector.spans, threadId)).toContain(start)
      expect(start.links).toMatchObject([{ traceId: caller.traceId }])
      expect(requests.map(({ spanId }) => spanId)).toContain(start.links[0]!.spanId)
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )

  it.live("goes on in the process that takes a parked turn over", () =>
    Effect.gen(function* () {
      const collector = yield* testCollector
      const first = yield* Effect.gen(function* () {
        const client = yield* connectHere()
        const asked = yield* ask(client, { options: { script: "asking" } })
        const frames = yield* client.until(hasEvent("thread.request-opened"))
        const opened = frames
          .flatMap((frame) => (frame.type === "events" ? frame.events : []))
          .find((event) => event.type === "thread.request-opened")!
        return { ...asked, requestId: opened.data.requestId }
      }).pipe(Effect.scoped, Effect.provide(processOn(collector.layerTracer)))
      expect(collector.spans.some(({ name }) => name === "spillway.turn")).toBe(false)

      yield* Effect.gen(function* () {
        const client = yield* connectHere()
        yield* subscribeTo(client, first.threadId, { afterVersion: 0 })
        yield* client.send({ type: "command", command: respondTo(first.threadId, first.requestId) })
        yield* client.until(hasEnd)
      }).pipe(Effect.scoped, Effect.provide(processOn(collector.layerTracer)))

      const spans = ofTurn(collector.spans, first.threadId)
      expect(counted(spans.map((span) => `${documentedName(span)} < ${nameOfParent(spans, span)}`))).toEqual({
        "spillway.turn < null": 1,
        "spillway.command < spillway.turn": 2,
        "spillway.append < spillway.command": 2,
        "spillway.session < spillway.turn": 2,
        "chat {model} < spillway.session": 2,
        "execute_tool {name} < chat {model}": 1
      })
      expect(
        spans
          .filter(({ name }) => name === "spillway.session")
          .map(({ attributes }) => attributes["spillway.session.reason"])
      ).toEqual(["parked", "ended"])
      expect(spans.find(({ name }) => name === "spillway.turn")!.events).toEqual([
        "thread.request-opened",
        "thread.request-resolved"
      ])
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer))
  )
})
