/** Text cut to what one event may carry. */
import { type Failure, pieces, SEGMENT_LIMIT } from "@spillway/contracts"

/** Code units of a failure's message that are kept: enough for any explanation, not for the page a proxy may answer with. */
const FAILURE_LIMIT = 8_000

export const boundedText = (text: string, limit: number = SEGMENT_LIMIT): string => {
  const [first = "", ...more] = pieces(text, limit)
  return more.length === 0 ? first : `${first}…`
}

/** So that a turn can always be closed, whatever its provider had to say. */
export const boundedFailure = (failure: Failure): Failure => ({
  ...failure,
  code: boundedText(failure.code, FAILURE_LIMIT),
  message: boundedText(failure.message, FAILURE_LIMIT)
})

/** The text as consecutive segments, each small enough for one event, with the offset at which it begins. */
export const consecutive = (
  text: string,
  offset: number
): ReadonlyArray<{ readonly offset: number; readonly text: string }> => {
  let next = offset
  return pieces(text, SEGMENT_LIMIT).map((piece) => {
    const at = next
    next += piece.length
    return { offset: at, text: piece }
  })
}
