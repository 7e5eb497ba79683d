/** Whether what was sent is what is there. Pure. */
import type { ThreadView } from "@spillway/contracts"
import type { Answered } from "./LoadProvider.ts"
import { textOf, threadIdOf } from "./script.ts"

export interface Mismatch {
  readonly turnId: string
  /** Where the two part, in UTF-16 code units; `null` when the turn is not there at all. */
  readonly at: number | null
  readonly expected: number
  readonly found: number
}

/** Every answer against `find`; a turn that `find` does not know is one that was lost. */
export const compareTexts = (
  answers: ReadonlyMap<string, Answered>,
  find: (turnId: string, threadId: string) => string | undefined
): ReadonlyArray<Mismatch> =>
  [...answers].flatMap(([turnId, { call, length }]) => {
    const expected = textOf(call, length)
    const found = find(turnId, threadIdOf(call.thread))
    if (found === expected) return []
    return [
      {
        turnId,
        at: found === undefined ? null : firstDifference(expected, found),
        expected: length,
        found: found?.length ?? 0
      }
    ]
  })

/** The assistant's text of one turn as a view shows it. */
export const turnText = (view: ThreadView | undefined, turnId: string): string | undefined =>
  view?.turns
    .find((turn) => turn.turnId === turnId)
    ?.messages.filter((message) => message.role === "assistant")
    .flatMap((message) => message.parts)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")

const firstDifference = (a: string, b: string): number => {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return i
}
