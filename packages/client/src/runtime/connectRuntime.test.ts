import { describe, expect, it } from "@effect/vitest"
import { CommandId, MessageId, type ThreadId, TurnId } from "@spillway/contracts"
import { finishStep, reasoning, text, toolCall, toolResult } from "@spillway/contracts/generator-runtime"
import { ThreadEngine } from "@spillway/orchestration"
import { RemoteHosts } from "@spillway/provider-runtimes"
import { Effect, Schedule } from "effect"
import {
  closeGate,
  endOf,
  eventOf,
  layerRemoteServer,
  LogGate,
  respondTo,
  saidIn,
  startOwn,
  startTurn,
  tester
} from "spillway/testing"
import { hostOf } from "../testing/runtimeHost.ts"

/** However slow the machine is, text at risk stops nothing. */
const onServer = <A, E, R>(
  body: Effect.Effect<A, E, R>,
  options: Parameters<typeof layerRemoteServer>[0] = {}
) =>
  body.pipe(
    Effect.scoped,
    Effect.provide(layerRemoteServer({ ingestion: { atRiskLimit: 60_000 }, ...options }))
  )

const dispatch = (command: Parameters<ThreadEngine["Service"]["dispatch"]>[1]) =>
  Effect.flatMap(ThreadEngine, (engine) => engine.dispatch(tester, command))

const interrupt = (threadId: ThreadId, turnId: TurnId) =>
  dispatch({ type: "thread.turn.interrupt", commandId: CommandId.make(`${turnId}/stop`), threadId, turnId })

/** Resolves when it is called. */
const signal = () => {
  let give: () => void = () => {}
  const given = new Promise<void>((resolve) => (give = resolve))
  return { give, given }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error))
  })

describe("a runtime in a process of its own", () => {
  it.live("runs a turn as a generator does in the server's process: steps, reasoning, tools and usage", () =>
    onServer(
      Effect.gen(function* () {
        const steps: Array<string> = []
        yield* hostOf({
          own: {
            model: (choice) => choice.model ?? "m-1",
            async *run({ history, nextStep, prompt, step }) {
              steps.push(step!.stepId)
              expect(history).toEqual([{ role: "user", text: prompt }])
              yield reasoning("hm")
              yield text(`you said ${prompt}`)
              yield toolCall({ toolCallId: "t1", name: "look", input: { at: 1n } })
              yield finishStep({ usage: { inputTokens: 3, outputTokens: 5 } })
              yield toolResult({ toolCallId: "t1", result: { found: true } })
              steps.push((await nextStep()).stepId)
              yield text("found")
              return { reason: "done" }
            }
          }
        })
        const { threadId, turnId } = yield* startOwn({ text: "this" })
        const turn = yield* endOf(threadId)
        expect(turn).toMatchObject({ status: "completed", reason: "done", error: null })
        expect(steps).toEqual([`${turnId}#0`, `${turnId}#1`])
        expect(saidIn(turn)).toEqual(["you said this", "found"])
        expect(turn.steps).toMatchObject([
          { usage: { inputTokens: 3, outputTokens: 5 }, finishReason: "tool-calls" },
          { finishReason: "stop" }
        ])
        expect(turn.messages[1]).toMatchObject({
          model: "m-1",
          runtime: "own",
          parts: [
            { type: "reasoning" },
            { type: "text" },
            { name: "look", input: { at: "1" }, result: { found: true } }
          ]
        })
      })
    )
  )

  it.live("fails its turn with what it throws, and runs the next one", () =>
    onServer(
      Effect.gen(function* () {
        yield* hostOf({
          own: async function* ({ prompt }) {
            yield text("so far")
            if (prompt === "throw")
              throw Object.assign(new Error("broken"), { code: "EBROKEN", retryable: true })
          }
        })
        const failed = yield* endOf((yield* startOwn({ text: "throw" })).threadId)
        expect(failed).toMatchObject({
          status: "failed",
          error: { code: "EBROKEN", message: "broken", retryable: true }
        })
        expect(saidIn(failed)).toEqual(["so far"])
        expect(yield* endOf((yield* startOwn()).threadId)).toMatchObject({ status: "completed" })
      })
    )
  )

  it.live("stops where its signal says so, with what its finally yields", () =>
    onServer(
      Effect.gen(function* () {
        const running = signal()
        yield* hostOf({
          own: async function* ({ signal }) {
            try {
              yield text("half a sen")
              running.give()
              await untilAborted(signal)
            } finally {
              yield finishStep({ usage: { outputTokens: 4 } })
            }
          }
        })
        const { threadId, turnId } = yield* startOwn()
        yield* Effect.promise(() => running.given)
        yield* interrupt(threadId, turnId)
        const turn = yield* endOf(threadId)
        expect(turn).toMatchObject({ status: "interrupted", steps: [{ usage: { outputTokens: 4 } }] })
        expect(saidIn(turn)).toEqual(["half a sen"])
      })
    )
  )

  it.live("asks a person and goes on with the answer", () =>
    onServer(
      Effect.gen(function* () {
        yield* hostOf({
          own: async function* ({ ask }) {
            const { decision } = await ask({ kind: "approval", title: "May I?", requestId: "may-i" })
            yield text(decision)
          }
        })
        const { threadId } = yield* startOwn()
        yield* eventOf(threadId, "thread.request-opened")
        yield* dispatch(respondTo(threadId, "may-i"))
        expect(saidIn(yield* endOf(threadId))).toEqual(["approve"])
      })
    )
  )

  it.live("D8 takes a steering message into its next step", () =>
    onServer(
      Effect.gen(function* () {
        const running = signal()
        const steered = signal()
        const host = yield* hostOf({
          own: {
            canSteer: true,
            async *run({ hasSteering, nextStep }) {
              yield text("first")
              running.give()
              await steered.given
              // The server says so in its own time.
              while (!hasSteering()) await new Promise(setImmediate)
              const { steering } = await nextStep()
              yield text(`then ${steering.join()}`)
            }
          }
        })
        // What a runtime can do is known once it has said so.
        yield* Effect.promise(() => host.ready())
        const { threadId, turnId } = yield* startOwn()
        yield* Effect.promise(() => running.given)
        yield* dispatch({
          type: "thread.turn.steer",
          commandId: CommandId.make(`${turnId}/steer`),
          threadId,
          turnId,
          messageId: MessageId.make(`${turnId}/more`),
          nextTurnId: TurnId.make(`${turnId}/next`),
          text: "and that"
        })
        steered.give()
        expect(saidIn(yield* endOf(threadId))).toEqual(["first", "then and that"])
      })
    )
  )

  it.live("T11 is not pulled on while its thread takes no more, and nothing is lost", () =>
    onServer(
      Effect.gen(function* () {
        let yielded = 0
        const running = signal()
        const go = signal()
        yield* hostOf({
          own: async function* () {
            yield text("begin ")
            running.give()
            await go.given
            for (yielded = 1; yielded <= 2_000; yielded++) yield text(`${yielded} `)
          }
        })
        const { threadId } = yield* startOwn({ assistantDeliveryMode: "streaming" })
        yield* Effect.promise(() => running.given)
        const gate = yield* LogGate
        yield* closeGate
        go.give()
        const hosts = yield* RemoteHosts
        const session = hosts.session({ sessionId: `default/${threadId}` as never, generation: 1 })!
        /** Enough to fill the thread's lane, and some of what may be on its way there. */
        const isFull = Effect.suspend(() =>
          session.received >= 200 ? Effect.void : Effect.fail("not yet" as const)
        )
        yield* Effect.retry(isFull, Schedule.spaced("1 millis"))
        expect(yielded).toBeLessThanOrEqual(2 + 128 + 128)
        yield* gate.open
        const [said] = saidIn(yield* endOf(threadId))
        expect(said).toBe(`begin ${Array.from({ length: 2_000 }, (_, i) => `${i + 1} `).join("")}`)
      })
    )
  )

  it.live("is not let in with a wrong token, and says so", () =>
    onServer(
      Effect.gen(function* () {
        const host = yield* hostOf({ own: async function* () {} }, { token: "wrong" })
        const error = yield* Effect.promise(() => host.ready().catch((error: unknown) => error))
        expect(error).toMatchObject({ message: expect.stringContaining("SPILLWAY_RUNTIME_TOKEN") })
        expect(host.status()).toMatchObject({ state: "refused", code: "unauthorized" })
      })
    )
  )

  it.live("is waited for when a turn wants it, and the turn says what to do when none comes", () =>
    onServer(
      Effect.gen(function* () {
        const turn = yield* endOf((yield* startOwn()).threadId)
        expect(turn).toMatchObject({
          status: "failed",
          error: {
            code: "RuntimeNotConnected",
            message: expect.stringContaining(
              'No runtime "own" is here, and none connected within 0.05 seconds.'
            ),
            retryable: true
          }
        })
        const { threadId } = yield* startOwn({ text: "late" })
        yield* hostOf({
          own: async function* ({ prompt }) {
            yield text(prompt)
          }
        })
        expect((yield* endOf(threadId)).status).toMatch(/completed|failed/)
      }),
      { grace: 50 }
    )
  )

  it.live("A11 that is stopped ends its turn at once, with what it said, and the thread takes another", () =>
    onServer(
      Effect.gen(function* () {
        const running = signal()
        const host = yield* hostOf({
          own: async function* ({ signal }) {
            yield text("and then ")
            running.give()
            await untilAborted(signal)
          }
        })
        const { threadId } = yield* startOwn({ assistantDeliveryMode: "streaming" })
        yield* Effect.promise(() => running.given)
        yield* Effect.promise(() => host.close())
        expect(host.turns()).toBe(0)
        const turn = yield* endOf(threadId)
        expect(turn).toMatchObject({
          status: "failed",
          reason: "runtime-exited",
          error: { code: "RuntimeStopped", retryable: true }
        })
        expect(saidIn(turn)).toEqual(["and then "])
        yield* hostOf({
          own: async function* () {
            yield text("here again")
          }
        })
        const next = startTurn(threadId, { choice: { runtime: "own" } })
        yield* dispatch(next)
        yield* eventOf(
          threadId,
          ({ data, type }) =>
            type === "thread.turn-completed" && "turnId" in data && data.turnId === next.turnId
        )
      })
    )
  )
})
