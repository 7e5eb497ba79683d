/** Turns: asked for, queued, started, steered, ended. */
import { Schema } from "effect"
import { DeliveryMode } from "../DeliveryMode.ts"
import { MessageId, TurnId } from "../Ids.ts"
import { Failure, RuntimeChoice } from "../Turn.ts"

/** A user's message, or a system's priming, which the model sees and the timeline does not. */
export const MessageSent = Schema.Struct({
  type: Schema.Literal("thread.message-sent"),
  data: Schema.Struct({
    messageId: MessageId,
    turnId: TurnId,
    role: Schema.Literals(["user", "system"]),
    text: Schema.String
  })
})

/** The one place where a turn's delivery mode is decided. `retryOf`: the turn that this one tries again. */
export const TurnStartRequested = Schema.Struct({
  type: Schema.Literal("thread.turn-start-requested"),
  data: Schema.Struct({
    turnId: TurnId,
    messageId: MessageId,
    assistantDeliveryMode: DeliveryMode,
    choice: RuntimeChoice,
    retryOf: Schema.NullOr(TurnId)
  })
})

/**
 * The turn waits behind others. `because` says why it was not started or steered at once: `busy` is the ordinary case,
 * `cannot-steer` a steer that the runtime can't take, `left-over` a steering message that the turn ended without taking.
 */
export const TurnQueued = Schema.Struct({
  type: Schema.Literal("thread.turn-queued"),
  data: Schema.Struct({
    turnId: TurnId,
    because: Schema.Literals(["busy", "cannot-steer", "left-over"]),
    /** It goes before the turns that wait already: its start interrupts the active one. */
    front: Schema.Boolean
  })
})

/** The turn is the active one from here to its end. */
export const TurnStarted = Schema.Struct({
  type: Schema.Literal("thread.turn-started"),
  data: Schema.Struct({ turnId: TurnId })
})

/**
 * A message for the running turn, to be taken between two steps. If it is left over, it becomes the turn `nextTurnId`, in the mode and
 * on the runtime given here.
 */
export const TurnSteered = Schema.Struct({
  type: Schema.Literal("thread.turn-steered"),
  data: Schema.Struct({
    turnId: TurnId,
    messageId: MessageId,
    nextTurnId: TurnId,
    assistantDeliveryMode: DeliveryMode,
    choice: RuntimeChoice
  })
})

export const TurnInterruptRequested = Schema.Struct({
  type: Schema.Literal("thread.turn-interrupt-requested"),
  data: Schema.Struct({ turnId: TurnId })
})

export const TurnCompleted = Schema.Struct({
  type: Schema.Literal("thread.turn-completed"),
  data: Schema.Struct({ turnId: TurnId, reason: Schema.String })
})

export const TurnFailed = Schema.Struct({
  type: Schema.Literal("thread.turn-failed"),
  data: Schema.Struct({ turnId: TurnId, reason: Schema.String, error: Failure })
})

export const TurnInterrupted = Schema.Struct({
  type: Schema.Literal("thread.turn-interrupted"),
  data: Schema.Struct({ turnId: TurnId, reason: Schema.String })
})
