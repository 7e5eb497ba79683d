/**
 * Takes the text of a lost session from its checkpoint to the log: what lies beyond the durable length of a part, where its message or
 * tool call is still open. Once that is committed there is nothing left to take.
 */
import type { RuntimeCommand } from "@spillway/contracts"
import type { UnflushedText } from "../EventLog.ts"
import { lookup } from "../thread/record.ts"
import type { ActiveTurn } from "../thread/ThreadState.ts"

/** @param checkpoint in the order of its pieces: parts that the log does not know yet come in the order in which they began. */
export const promotedText = (
  active: ActiveTurn,
  checkpoint: ReadonlyArray<UnflushedText>
): ReadonlyArray<RuntimeCommand> =>
  [...Map.groupBy(checkpoint, partKey).values()].flatMap((pieces) => {
    const part = pieces[0]!
    const offset = durableLength(active, part)
    if (offset === undefined) return []
    const text = textBeyond(offset, pieces)
    return text === "" ? [] : [appendCommand(part, offset, text)]
  })

const partKey = ({ partId, toolCallId }: UnflushedText): string => toolCallId ?? partId

/** Code units of the part that segments hold; `undefined` where nothing can be appended any more. */
const durableLength = (active: ActiveTurn, { messageId, partId, toolCallId }: UnflushedText) => {
  if (toolCallId !== null) return lookup(active.openToolCalls, toolCallId)?.outputLength
  const message = lookup(active.openMessages, messageId)
  return message && (lookup(message.parts, partId)?.length ?? 0)
}

/** Pieces may lie behind the offset or reach over it. Behind a hole nothing is taken: text must not move. */
const textBeyond = (offset: number, pieces: ReadonlyArray<UnflushedText>): string => {
  let end = offset
  const beyond: Array<string> = []
  for (const piece of pieces.toSorted((a, b) => a.offset - b.offset)) {
    if (piece.offset > end) break
    const text = piece.text.slice(end - piece.offset)
    beyond.push(text)
    end += text.length
  }
  return beyond.join("")
}

const appendCommand = (
  { kind, messageId, partId, toolCallId }: UnflushedText,
  offset: number,
  text: string
): RuntimeCommand =>
  kind === "tool-output"
    ? { type: "thread.tool-call.output", toolCallId: toolCallId!, offset, text, truncated: false }
    : { type: "thread.message.append", messageId, partId, kind, offset, text }
