/**
 * Where a session goes on that was cut off with its process, while its runtime, in a process of its own, was not: behind the cursor. What
 * the runtime sends again from there may be cut otherwise than the first time, and some of it may be in the log already. To the redactor
 * its text begins anew there, as behind a boundary. Of half a character that waited over a boundary nothing is left: its other half is
 * then U+FFFD.
 */
import type { MessageId, PartId, ToolCallId, TurnView } from "@spillway/contracts"
import type { CheckpointRow, CursorRow, UnflushedText } from "@spillway/orchestration"

export interface Resume {
  /** The source's events up to it were taken in. */
  readonly through: number
  readonly parts: ReadonlyArray<ResumedPart>
  /** Parts of open messages whose text is in the log, and of which nobody knows any more to which item they belong. */
  readonly left: ReadonlyArray<LeftPart>
}

export interface LeftPart {
  readonly kind: "text" | "reasoning"
  readonly messageId: MessageId
  readonly partId: PartId
  readonly text: string
}

export interface ResumedPart {
  readonly kind: UnflushedText["kind"]
  readonly itemId: string | null
  readonly toolCallId: ToolCallId | null
  readonly messageId: MessageId
  readonly partId: PartId
  /** Code units that the log holds … */
  readonly durable: number
  /** … of which so many, the last ones, come again. */
  readonly again: number
}

/** @param turn as it stands with the text of the checkpoint. */
export const resumeFrom = (
  cursor: CursorRow,
  checkpoint: ReadonlyArray<CheckpointRow>,
  turn: TurnView
): Resume => {
  const parts = resumedParts(cursor, checkpoint, turn)
  const known = new Set(parts.map(({ partId }) => partId))
  return {
    through: cursor.through,
    parts,
    left: turn.messages
      .filter(({ status }) => status === "open")
      .flatMap(({ messageId, parts }) =>
        parts.flatMap((part): ReadonlyArray<LeftPart> =>
          part.type === "tool-call" || known.has(part.partId)
            ? []
            : [{ kind: part.type, messageId, partId: part.partId, text: part.text }]
        )
      )
  }
}

const resumedParts = (
  cursor: CursorRow,
  checkpoint: ReadonlyArray<CheckpointRow>,
  turn: TurnView
): ReadonlyArray<ResumedPart> =>
  [...Map.groupBy(checkpoint, ({ partId, toolCallId }) => toolCallId ?? partId).values()].flatMap(
    (pieces): ReadonlyArray<ResumedPart> => {
      const { itemId, kind, messageId, partId, toolCallId } = pieces[0]!
      const text = openText(turn, pieces[0]!)
      if (text === undefined) return []
      // Whatever left a part ahead of the cursor says so under that cursor.
      const at = pieces.find(({ through }) => through === cursor.through)?.resumesAt ?? text.length
      return [
        {
          kind,
          itemId,
          toolCallId,
          messageId,
          partId,
          durable: text.length,
          again: Math.max(0, text.length - at)
        }
      ]
    }
  )

/** What the log holds of a part whose text may still come. */
const openText = (turn: TurnView, { messageId, partId, toolCallId }: UnflushedText): string | undefined => {
  const message = turn.messages.find((message) => message.messageId === messageId)
  for (const part of message?.parts ?? []) {
    if (part.type === "tool-call") {
      if (part.toolCallId === toolCallId && part.status === "open") return part.output
    } else if (part.partId === partId && message!.status === "open") return part.text
  }
  return undefined
}
