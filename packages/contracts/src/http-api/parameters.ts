/** What stands in paths, queries and headers. Each says in words what it must be: the words become the answer's `detail`. */
import { Schema, SchemaTransformation } from "effect"
import { CLIENT_ID_LIMIT, CommandId, MessageId, ThreadId, TurnId } from "../Ids.ts"

/** How many things of a kind one answer holds, where the request does not say, and at most. */
export const PAGE = {
  threads: { usual: 50, most: 200 },
  turns: { usual: 50, most: 200 },
  messages: { usual: 50, most: 200 },
  events: { usual: 100, most: 1_000 },
  hits: { usual: 20, most: 100 }
} as const

/** The most bytes of events in one answer, and one event more: a page ends there, whatever its `limit`. */
export const EVENTS_PAGE_BYTES = 1024 * 1024

const isBetween = (text: string, minimum: number, maximum: number) =>
  /^\d{1,16}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum

const wholeNumber = (minimum: number, maximum: number) => {
  const expected =
    maximum === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${minimum} on`
      : `a whole number from ${minimum} to ${maximum}`
  return Schema.String.check(
    Schema.makeFilter((text) => isBetween(text, minimum, maximum), { expected })
  ).pipe(Schema.decodeTo(Schema.Int, SchemaTransformation.numberFromString))
}

export const thread = { threadId: ThreadId }

export const limitOf = (page: { readonly most: number }) => Schema.optionalKey(wholeNumber(1, page.most))

/** The `next` of the page before. */
export const Cursor = Schema.optionalKey(
  Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,2000}$/, { expected: "the `next` of an answer" }))
)

export const TurnCursor = Schema.optionalKey(TurnId)

export const MessageCursor = Schema.optionalKey(MessageId)

/** A place in a thread's stream or in the log; `tail`: only what comes. */
export const After = Schema.optionalKey(
  Schema.String.check(
    Schema.makeFilter((text) => text === "tail" || isBetween(text, 0, Number.MAX_SAFE_INTEGER), {
      expected: "tail or a whole number from 0 on"
    })
  ).pipe(
    Schema.decodeTo(
      Schema.Union([Schema.Int, Schema.Literal("tail")]),
      SchemaTransformation.transform({
        decode: (text) => (text === "tail" ? text : Number(text)),
        encode: String
      })
    )
  )
)

export const AtVersion = Schema.optionalKey(wholeNumber(1, Number.MAX_SAFE_INTEGER))

export const IdempotencyKey = Schema.optionalKey(
  CommandId.check(
    Schema.isMaxLength(CLIENT_ID_LIMIT, { expected: `an id of at most ${CLIENT_ID_LIMIT} characters` })
  )
)
