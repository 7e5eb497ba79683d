import { type ProviderRuntimeEvent, ToolCallId } from "@spillway/contracts"
import { expect, it } from "vitest"
import { DEFAULT_CUT_LIMITS } from "../delivery/cuts.ts"
import { Redactor } from "../Redactor.ts"
import { LogModel, threadId, turnId } from "../testing/LogModel.ts"
import { type Resume, resumeFrom } from "./Resume.ts"
import { TurnWriter } from "./TurnWriter.ts"

const toolCallId = ToolCallId.make("call")

const delta = (text: string, itemId = "a"): ProviderRuntimeEvent => ({
  type: "text.delta",
  itemId,
  kind: "text",
  delta: text
})
const completed = (text: string, itemId = "a"): ProviderRuntimeEvent => ({
  type: "text.completed",
  itemId,
  kind: "text",
  text
})
const calls: ProviderRuntimeEvent = { type: "tool-call.started", toolCallId, name: "run", input: {} }
const returns: ProviderRuntimeEvent = {
  type: "tool-call.completed",
  toolCallId,
  status: "completed",
  result: null
}
const ends: ProviderRuntimeEvent = { type: "turn.completed" }

/** The turn whose process crashes once each of `before` is committed, and whose source goes on with `after`. */
const turnOf = (before: ReadonlyArray<ProviderRuntimeEvent>, after: ReadonlyArray<ProviderRuntimeEvent>) => {
  const log = new LogModel()
  const write = (resume: Resume | null, events: ReadonlyArray<ProviderRuntimeEvent>) => {
    const writer = new TurnWriter({
      state: log.state,
      resume,
      threadId,
      turnId,
      mode: "buffered",
      runtime: "remote",
      announcesSteps: () => true,
      outlivesServer: true,
      redactor: Redactor.defaultValue(),
      limits: DEFAULT_CUT_LIMITS,
      checkpointAge: 1_000_000,
      flushed: () => {}
    })
    for (const event of events) {
      writer.accept(event, writer.sequence + 1, 0)
      writer.keep(0)
      const commands = writer.pending()
      log.append(commands, writer.unflushed(), writer.durableThrough())
      writer.confirm(commands.length, log.state.version)
    }
  }
  write(null, before)
  const cursor = log.cursor()
  const checkpoint = log.checkpoint()
  log.promote()
  write(resumeFrom(cursor, checkpoint, log.turn()), after)
  const turn = log.turn()
  const parts = turn.messages.find(({ role }) => role === "assistant")!.parts
  return { turn, texts: parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) }
}

it("A16 what a call cost is in the log before its tools are done, since a server may be lost meanwhile", () => {
  const account = { usage: { inputTokens: 3, outputTokens: 5 }, finishReason: "tool-calls", responseId: "r" }
  const { turn } = turnOf([calls, { type: "step.finished", ...account }], [returns, ends])
  expect(turn.steps).toMatchObject([account])
  expect(turn).toMatchObject({ status: "completed" })
})

it("T20 T21 the final text of an item whose parts nobody knows any more is not written a second time", () => {
  // Its text went to the log at the tool call, and not to the checkpoint.
  const whole = [delta("All of it."), calls]
  expect(turnOf(whole, [completed("All of it."), ends]).texts).toEqual(["All of it."])
  expect(turnOf(whole, [completed("All of it. And more."), ends]).texts).toEqual(["All of it. And more."])
  const secret = `A key: sk-proj-${"a1b2c3d4".repeat(3)} .`
  const { texts } = turnOf([delta(secret), calls], [completed(secret), ends])
  expect(texts).toEqual(["A key: [redacted] ."])
})

it("T20 T21 an item that goes on after that is taken as it comes, and one that is known only by its final text is written", () => {
  const { texts, turn } = turnOf([delta("One "), calls], [delta("item."), completed("One item."), ends])
  expect(texts.join("")).toBe("One item.")
  expect(turn.activities).toEqual([])
  expect(turnOf([delta("One."), calls], [completed("Another.", "b"), ends]).texts).toEqual([
    "One.",
    "Another."
  ])
})
