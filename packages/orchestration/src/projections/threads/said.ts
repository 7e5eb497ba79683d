/** What a message says: its text, without its reasoning and its tool calls. */
import type { MessageView, TextPart } from "@spillway/contracts"

export const textPartsOf = ({ parts }: MessageView): ReadonlyArray<TextPart> =>
  parts.flatMap((part) => (part.type === "text" ? [part] : []))

/** Its parts, one line or more each. */
export const textOf = (message: MessageView): string =>
  textPartsOf(message)
    .map((part) => part.text)
    .join("\n")
