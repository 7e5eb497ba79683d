/** A thread's connection to a runtime, and the model calls made over it. */
import { Schema } from "effect"
import { MessageId, SessionId, StepId, TurnId } from "../Ids.ts"
import { Usage } from "../Turn.ts"

/** The claim: committed before the runtime is called, so that a turn is given to a runtime once per generation. */
export const SessionOpened = Schema.Struct({
  type: Schema.Literal("thread.session-opened"),
  data: Schema.Struct({
    sessionId: SessionId,
    generation: Schema.Int,
    turnId: TurnId,
    runtime: Schema.String,
    /** The runtime can go on from the log after a restart. */
    resumable: Schema.Boolean,
    /** The runtime takes messages between the steps of a running turn. */
    canSteer: Schema.Boolean
  })
})

/** The provider's own id of the thread, once it is known. */
export const SessionBound = Schema.Struct({
  type: Schema.Literal("thread.session-bound"),
  data: Schema.Struct({ sessionId: SessionId, generation: Schema.Int, providerThreadId: Schema.String })
})

/**
 * `ended`: the turn is over. `exited`: the runtime went away by itself. `lost`: the process that ran it is gone. `parked`:
 * lost as well, but the turn waits for an answer and its runtime can go on from the log.
 */
export const SessionClosed = Schema.Struct({
  type: Schema.Literal("thread.session-closed"),
  data: Schema.Struct({
    sessionId: SessionId,
    generation: Schema.Int,
    reason: Schema.Literals(["ended", "exited", "lost", "parked"])
  })
})

export const StepOpened = Schema.Struct({
  type: Schema.Literal("thread.step-opened"),
  data: Schema.Struct({
    turnId: TurnId,
    stepId: StepId,
    /** Steering messages that this step's model call takes in. */
    steeredBy: Schema.Array(MessageId)
  })
})

export const StepClosed = Schema.Struct({
  type: Schema.Literal("thread.step-closed"),
  data: Schema.Struct({
    turnId: TurnId,
    stepId: StepId,
    usage: Usage,
    /** As the runtime gave it; `unknown` where it gave none, `aborted` when the call was cut off. */
    finishReason: Schema.String,
    responseId: Schema.NullOr(Schema.String)
  })
})
