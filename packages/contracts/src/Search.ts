/** What a search over threads answers with. */
import { Schema } from "effect"
import { MessageId, ThreadId, TurnId } from "./Ids.ts"

/** An excerpt of a text, `…` where it was cut. `marks`: where what was searched for stands in it, in UTF-16 code units. */
export const Snippet = Schema.Struct({
  text: Schema.String,
  /** In order, and apart. `to` is the first code unit behind. */
  marks: Schema.Array(Schema.Struct({ from: Schema.Int, to: Schema.Int }))
})
export type Snippet = typeof Snippet.Type

const found = {
  threadId: ThreadId,
  /** The thread's title now. */
  title: Schema.NullOr(Schema.String),
  snippet: Snippet,
  /** How often what was searched for stands in it, less for a longer text: between 0 and 1, to compare the hits of one query with. */
  rank: Schema.Finite
}

/** A thread by its title. `at`: when it was created. */
export const TitleHit = Schema.Struct({ type: Schema.Literal("title"), at: Schema.String, ...found })
export type TitleHit = typeof TitleHit.Type

/** A closed message that the timeline shows. `at`: when it closed. */
export const MessageHit = Schema.Struct({
  type: Schema.Literal("message"),
  messageId: MessageId,
  turnId: TurnId,
  role: Schema.Literals(["user", "assistant"]),
  at: Schema.String,
  ...found
})
export type MessageHit = typeof MessageHit.Type

export const SearchHit = Schema.Union([TitleHit, MessageHit]).pipe(Schema.toTaggedUnion("type"))
export type SearchHit = typeof SearchHit.Type
