/** The thread itself: its life, its title, its remarks. */
import { Schema } from "effect"
import { Activity } from "../Activity.ts"
import { TurnId } from "../Ids.ts"
import { JsonObject } from "../Json.ts"

export const Metadata = JsonObject
export type Metadata = typeof Metadata.Type

export const ThreadCreated = Schema.Struct({
  type: Schema.Literal("thread.created"),
  data: Schema.Struct({
    title: Schema.optionalKey(Schema.String),
    metadata: Schema.optionalKey(Metadata)
  })
})

/** Only what changed is present. */
export const ThreadUpdated = Schema.Struct({
  type: Schema.Literal("thread.updated"),
  data: Schema.Struct({
    title: Schema.optionalKey(Schema.String),
    metadata: Schema.optionalKey(Metadata)
  })
})

export const ThreadArchived = Schema.Struct({
  type: Schema.Literal("thread.archived"),
  data: Schema.Struct({})
})

export const ThreadUnarchived = Schema.Struct({
  type: Schema.Literal("thread.unarchived"),
  data: Schema.Struct({})
})

export const ThreadDeleted = Schema.Struct({
  type: Schema.Literal("thread.deleted"),
  data: Schema.Struct({})
})

export const ActivityRecorded = Schema.Struct({
  type: Schema.Literal("thread.activity-recorded"),
  data: Schema.Struct({ turnId: Schema.NullOr(TurnId), activity: Activity })
})
