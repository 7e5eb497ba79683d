import { describe, expect, it } from "@effect/vitest"
import { emptyThreadView, ThreadId, type ThreadView } from "@spillway/contracts"
import { compareTexts, turnText } from "./compareTexts.ts"
import { textOf, turnIdOf } from "./script.ts"

const call = { thread: 3, turn: 1 }
const turnId = turnIdOf(call)
const answers = new Map([[turnId, { call, length: 100, complete: true }]])
const sent = textOf(call, 100)

describe("compareTexts", () => {
  it("finds nothing where all that was sent is there", () => {
    expect(compareTexts(answers, () => sent)).toEqual([])
  })

  it("finds a character that is another one, one that is missing, and text that is there twice", () => {
    const changed = `${sent.slice(0, 40)}_${sent.slice(41)}`
    expect(compareTexts(answers, () => changed)).toEqual([{ turnId, at: 40, expected: 100, found: 100 }])
    expect(compareTexts(answers, () => sent.slice(0, -1))).toEqual([
      { turnId, at: 99, expected: 100, found: 99 }
    ])
    expect(compareTexts(answers, () => sent + sent)).toEqual([{ turnId, at: 100, expected: 100, found: 200 }])
  })

  it("finds a turn that was lost", () => {
    expect(compareTexts(answers, () => undefined)).toEqual([{ turnId, at: null, expected: 100, found: 0 }])
  })

  it("knows of a view without the turn that it shows no text of it", () => {
    const view: ThreadView = emptyThreadView(ThreadId.make("thread-3"))
    expect(turnText(view, turnId)).toBeUndefined()
    expect(turnText(undefined, turnId)).toBeUndefined()
  })
})
