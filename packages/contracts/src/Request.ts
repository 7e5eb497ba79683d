/** A question to a person, and the answer. */
import { Schema } from "effect"

export const RequestKind = Schema.Literals(["approval", "input"])
export type RequestKind = typeof RequestKind.Type

/** One question of an input request. Without options any text is an answer. */
export const Question = Schema.Struct({
  id: Schema.String,
  question: Schema.String,
  options: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Question = typeof Question.Type

export const RequestResponse = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("approval"),
    decision: Schema.Literals(["approve", "deny"]),
    reason: Schema.optionalKey(Schema.String)
  }),
  /** Answers by question id. */
  Schema.Struct({
    type: Schema.Literal("input"),
    answers: Schema.Record(Schema.String, Schema.String)
  })
])
export type RequestResponse = typeof RequestResponse.Type
