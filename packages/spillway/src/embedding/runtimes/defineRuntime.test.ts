import { describe, expect, it } from "@effect/vitest"
import type { ClientEvent, TurnView } from "@spillway/contracts"
import { TurnFailed, TurnInterrupted } from "../SpillwayError.ts"
import { all, embedded, firstOf, rejection } from "../testing/embedded.ts"
import type { Spillway } from "../Spillway.ts"
import { defineRuntime } from "./defineRuntime.ts"
import {
  finishStep,
  notice,
  reasoning,
  type RuntimeDefinition,
  type RuntimeOutput,
  text,
  toolCall,
  toolDenied,
  toolError,
  toolInput,
  toolOutput,
  toolResult
} from "@spillway/contracts/generator-runtime"

const runtime = (run: RuntimeDefinition["run"], but: Partial<RuntimeDefinition> = {}) =>
  defineRuntime({ name: "own", run, ...but })

const start = async (spillway: Spillway, prompt = "go") => {
  const thread = await spillway.createThread()
  return { thread, turn: await thread.startTurn({ text: prompt, mode: "streaming" }) }
}

/** A turn of that generator, once it completed. */
const completed = (
  run: RuntimeDefinition["run"],
  check: (turn: TurnView, events: ReadonlyArray<ClientEvent>) => void,
  but: Partial<RuntimeDefinition> = {}
) =>
  embedded(
    async (spillway) => {
      const { turn } = await start(spillway)
      const view = await turn.completed
      check(view, await all(turn.events()))
    },
    { runtimes: [runtime(run, but)] }
  )

const assistant = ({ messages }: TurnView) => messages.filter(({ role }) => role === "assistant")

/** Resolves when it is aborted, as `fetch` is rejected. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error))
  })

async function* throwing(prompt: string): AsyncGenerator<RuntimeOutput, void, undefined> {
  yield text("so far")
  switch (prompt) {
    case "plain":
      throw new Error("plain")
    case "named":
      throw new RangeError("named")
    case "coded":
      throw Object.assign(new Error("coded"), { code: "ECONNREFUSED", retryable: true })
    case "text":
      throw "only text"
    case "id":
      yield toolCall({ toolCallId: "with space", name: "t", input: {} })
      return
    case "output":
      yield "text" as never
  }
}

describe("a runtime that is one async generator", () => {
  it.live("V1 its first step is committed before it runs, each further one before it goes on", () => {
    let here: Spillway
    /** What the log holds of a step when the generator has it. */
    const logged = async (threadId: string, stepId: string) =>
      (await all(here.thread(threadId).events({ follow: false })))
        .filter(({ data }) => "stepId" in data && data.stepId === stepId)
        .map(({ type }) => type)
    const seen: Array<ReadonlyArray<string>> = []
    return embedded(
      async (spillway) => {
        here = spillway
        const { turn } = await start(spillway)
        const view = await turn.completed
        const opened = ["thread.step-opened", "thread.message-opened"]
        expect(seen).toEqual([opened, opened])
        const closed = { status: "closed", finishReason: "stop" }
        expect(view.steps).toMatchObject([closed, closed])
        const message = { model: "m-1", runtime: "own", status: "completed" }
        expect(assistant(view)).toMatchObject([
          { ...message, parts: [{ text: "one" }] },
          { ...message, parts: [{ text: "two" }] }
        ])
      },
      {
        runtimes: [
          runtime(
            async function* ({ nextStep, step, threadId }) {
              seen.push(await logged(threadId, step!.stepId))
              yield text("one")
              seen.push(await logged(threadId, (await nextStep()).stepId))
              yield text("two")
            },
            { model: () => "m-1" }
          )
        ]
      }
    )
  })

  it.live("what it yields becomes parts, tool calls and remarks, in order", () =>
    completed(
      async function* () {
        yield reasoning("Let me ")
        yield reasoning("think.")
        yield text("I ask ")
        yield text("both.")
        yield toolInput({ toolCallId: "a", name: "look", delta: '{"at"' })
        yield toolCall({ toolCallId: "a", name: "look", input: { at: "north", never: undefined } })
        yield toolCall({ toolCallId: "b", name: "look", input: { at: "south" } })
        yield toolCall({ toolCallId: "c", name: "open", input: null })
        yield finishStep({ usage: { inputTokens: 3, outputTokens: 5 }, responseId: "resp-1" })
        yield toolOutput({ toolCallId: "a", delta: "reading…" })
        yield toolResult({ toolCallId: "a", result: { metres: 4n } })
        yield toolError({ toolCallId: "b", error: "no answer" })
        yield toolDenied({ toolCallId: "c", reason: "too late" })
        yield notice("warning", "the south is silent")
        yield text("North is at 4.")
        return { reason: "enough" }
      },
      (turn) => {
        const [first, second] = assistant(turn)
        expect(first!.parts).toMatchObject([
          { type: "reasoning", text: "Let me think." },
          { type: "text", text: "I ask both." },
          {
            toolCallId: "a",
            input: { at: "north" },
            status: "completed",
            output: "reading…",
            result: { metres: "4" }
          },
          { toolCallId: "b", status: "error", error: { code: "ToolFailed", message: "no answer" } },
          { toolCallId: "c", status: "denied", error: { message: "Denied: too late" } }
        ])
        expect(second!.parts).toMatchObject([{ type: "text", text: "North is at 4." }])
        expect(turn.steps).toMatchObject([
          { usage: { inputTokens: 3, outputTokens: 5 }, responseId: "resp-1", finishReason: "tool-calls" },
          { usage: {}, finishReason: "stop" }
        ])
        expect(turn.activities).toMatchObject([{ type: "notice", level: "warning" }])
        expect(turn.reason).toBe("enough")
      }
    )
  )

  it.live("it is told the conversation, and what the turn's start chose", () => {
    const heard: Array<unknown> = []
    return embedded(
      async (spillway) => {
        const thread = await spillway.createThread()
        await (
          await thread.startTurn({ text: "one" })
        ).completed
        await (
          await thread.startTurn({ text: "two", model: "m", options: { warm: true } })
        ).completed
        expect(heard).toEqual([
          { prompt: "one", said: ["user"], choice: {} },
          {
            prompt: "two",
            said: ["user", "assistant", "user"],
            choice: { model: "m", options: { warm: true } }
          }
        ])
      },
      {
        runtimes: [
          runtime(async function* ({ choice, history, prompt }) {
            heard.push({ prompt, said: history.map(({ role }) => role), choice })
            yield text("I heard.")
          })
        ]
      }
    )
  })

  it.live("a person's answers come back from ask, of both kinds, also side by side", () =>
    embedded(
      async (spillway) => {
        const { thread, turn } = await start(spillway)
        const asking = await firstOf(thread.views(), ({ turns }) => turns[0]?.requests.length === 2)
        for (const { kind, requestId } of asking.turns[0]!.requests) {
          await thread.respond(
            requestId,
            kind === "approval"
              ? { type: "approval", decision: "deny", reason: "no" }
              : { type: "input", answers: { gauge: "north" } }
          )
        }
        const view = await turn.completed
        expect(assistant(view)[0]!.parts).toMatchObject([
          { text: "First. " },
          { toolCallId: "t", status: "denied" },
          { text: "deny no north" }
        ])
        expect(view.requests).toMatchObject([{ toolCallId: "t" }, { questions: [{ id: "gauge" }] }])
      },
      {
        runtimes: [
          runtime(async function* ({ ask }) {
            yield text("First. ")
            yield toolCall({ toolCallId: "t", name: "open_gate", input: {} })
            const [approval, input] = await Promise.all([
              ask({ kind: "approval", title: "May I?", toolCallId: "t" }),
              ask({ kind: "input", title: "Which?", questions: [{ id: "gauge", question: "Which gauge?" }] })
            ])
            yield toolDenied({ toolCallId: "t", reason: approval.reason })
            yield text(`${approval.decision} ${approval.reason} ${input.answers["gauge"]}`)
          })
        ]
      }
    )
  )

  it.live("interrupted, its signal aborts, its finally runs, and what that yields still counts", () => {
    const events: Array<string> = []
    return embedded(
      async (spillway) => {
        const { turn } = await start(spillway)
        await firstOf(turn.text(), () => true)
        await turn.interrupt()
        const { turn: view } = (await rejection(turn.completed)) as TurnInterrupted
        expect(events).toEqual(["AbortError", "finally"])
        expect(view).toMatchObject({
          status: "interrupted",
          steps: [{ usage: { outputTokens: 2 }, finishReason: "aborted" }]
        })
        expect(assistant(view)).toMatchObject([{ status: "interrupted", parts: [{ text: "so far" }] }])
      },
      {
        runtimes: [
          runtime(async function* ({ signal }) {
            try {
              yield text("so far")
              await untilAborted(signal)
            } catch (error) {
              events.push((error as Error).name)
              throw error
            } finally {
              events.push("finally")
              yield finishStep({ usage: { outputTokens: 2 }, finishReason: "aborted" })
            }
          })
        ]
      }
    )
  })

  it.live("interrupted while it asks, ask is rejected; a generator that heeds nothing is left behind", () => {
    let asked = ""
    return embedded(
      async (spillway) => {
        for (const prompt of ["ask", "hang"]) {
          const { thread, turn } = await start(spillway, prompt)
          await firstOf(thread.views(), ({ turns }) =>
            prompt === "ask" ? turns[0]?.requests.length === 1 : turns[0]?.messages.length === 2
          )
          await turn.interrupt()
          expect(await rejection(turn.completed)).toBeInstanceOf(TurnInterrupted)
        }
        expect(asked).toBe("AbortError")
      },
      {
        interruptGraceSeconds: 0.3,
        runtimes: [
          runtime(async function* ({ ask, prompt }) {
            yield text("…")
            if (prompt === "hang") await new Promise(() => {})
            asked = await ask({ kind: "approval", title: "?" }).then(
              () => "answered",
              (error: Error) => error.name
            )
          })
        ]
      }
    )
  })

  it.live("what it throws fails the turn, with code and message; what it wrote stays", () =>
    embedded(
      async (spillway) => {
        const cases = {
          plain: { code: "RuntimeFailed", message: "plain" },
          named: { code: "RangeError", message: "named" },
          coded: { code: "ECONNREFUSED", message: "coded", retryable: true },
          text: { code: "RuntimeFailed", message: "only text" },
          id: { code: "TypeError", message: expect.stringContaining("toolCallId") as string },
          output: { code: "TypeError", message: expect.stringContaining("no output") as string },
          function: { code: "TypeError", message: expect.stringContaining("async generator") as string }
        }
        for (const [prompt, failure] of Object.entries(cases)) {
          const { turn } = await start(spillway, prompt)
          const failed = await rejection(turn.completed)
          expect(failed).toBeInstanceOf(TurnFailed)
          expect(failed, prompt).toMatchObject(failure)
          const [message] = assistant((failed as TurnFailed).turn)
          expect(message).toMatchObject({ status: "error", error: { code: failure.code } })
          if (prompt !== "function") expect(message!.parts).toMatchObject([{ text: "so far" }])
        }
      },
      {
        runtimes: [
          runtime(((turn: { readonly prompt: string }) =>
            turn.prompt === "function" ? 7 : throwing(turn.prompt)) as never)
        ]
      }
    )
  )

  it.live(
    "A12 one that says it is resumable goes on behind a restart, with the answer that was given meanwhile",
    () => {
      const runs: Array<number> = []
      const own = runtime(
        async function* ({ ask, step, turn }) {
          runs.push(turn.steps.length)
          if (step === null || turn.messages.length < 2) yield text("Before. ")
          const { decision } = await ask({ kind: "approval", title: "Go on?" })
          yield text(`After: ${decision}.`)
        },
        { resumable: true }
      )
      return embedded(
        async (spillway, database) => {
          const { thread, turn } = await start(spillway)
          const asking = await firstOf(thread.views(), ({ turns }) => turns[0]?.requests.length === 1)
          await spillway.close()
          const { createSpillway } = await import("../../createSpillway.ts")
          const again = await createSpillway({ database, runtimes: [own], logLevel: "none" })
          const same = again.thread(thread.threadId)
          await same.respond(asking.turns[0]!.requests[0]!.requestId, {
            type: "approval",
            decision: "approve"
          })
          const view = await same.turn(turn.turnId).completed
          expect(runs).toEqual([0, 1])
          expect(assistant(view).flatMap(({ parts }) => parts)).toMatchObject([
            { text: "Before. " },
            { text: "After: approve." }
          ])
          await again.close()
        },
        { runtimes: [own] }
      )
    }
  )

  it.live("D8 one that can be steered is given the messages with its next step", () =>
    embedded(
      async (spillway) => {
        const { thread, turn } = await start(spillway)
        await firstOf(turn.text(), () => true)
        const steered = await thread.startTurn({ text: "hurry", ifBusy: "steer" })
        expect(steered.turnId).toBe(turn.turnId)
        expect(assistant(await turn.completed).flatMap(({ parts }) => parts)).toMatchObject([
          { text: "working" },
          { text: "heard: hurry" }
        ])
      },
      {
        runtimes: [
          runtime(
            async function* ({ hasSteering, nextStep }) {
              yield text("working")
              while (!hasSteering()) await new Promise((resolve) => setImmediate(resolve))
              const { steering } = await nextStep()
              yield text(`heard: ${steering.join()}`)
            },
            { canSteer: true }
          )
        ]
      }
    )
  )
})
