import { describe, expect, it } from "vitest"
import {
  append,
  call,
  closeCall,
  messageOf,
  openMessage,
  output,
  running,
  start
} from "../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../testing/scenario.ts"
import { evolve } from "./evolve.ts"

describe("folding", () => {
  it("leaves everything but the one message alone when text is appended, so that a long thread costs no more", () => {
    const other = messageOf("a", 0, 1)
    const state = stateAfter(
      eventsOf(...running("a"), openMessage("a", 0, 1), append(other, "x"), start("b"))
    )
    const [segment] = given(...running("a"))
      .when(append(messageOf("a"), "Hello"))
      .events()
    const next = evolve(state, segment!)
    expect(next.turns).toBe(state.turns)
    expect(next.messages).toBe(state.messages)
    expect(next.endedRequests).toBe(state.endedRequests)
    expect(next.closedToolCalls).toBe(state.closedToolCalls)
    expect(next.active?.openMessages[other]).toBe(state.active?.openMessages[other])
    expect(next.active?.openMessages[messageOf("a")]?.parts).toEqual({ text: { kind: "text", length: 5 } })
  })

  it("leaves messages and turns alone when a tool prints", () => {
    const before = eventsOf(...running("a"), call(messageOf("a"), "one"))
    const state = stateAfter(before)
    const next = given(before).when(output("one", "abc")).state()
    expect(next.active?.openMessages).toEqual(state.active?.openMessages)
    const [printed] = given(before).when(output("one", "abc")).events()
    expect(evolve(state, printed!).active?.openMessages).toBe(state.active?.openMessages)
  })

  it("keeps no text: the state of a thread is small whatever was said in it", () => {
    const text = "a long story ".repeat(10_000)
    const state = stateAfter(
      eventsOf(
        ...running("a"),
        append(messageOf("a"), text),
        call(messageOf("a"), "one"),
        output("one", text),
        closeCall("one"),
        start("b", { text })
      )
    )
    expect(JSON.stringify(state).length).toBeLessThan(2_000)
  })
})
