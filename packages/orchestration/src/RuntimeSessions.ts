/**
 * What reactors and recovery act on: the sessions with provider runtimes that this process runs. A port: orchestration
 * knows no provider; ingestion answers it.
 */
import type {
  RequestId,
  RequestResponse,
  RuntimeChoice,
  SessionId,
  TenantId,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import { Context, type Effect } from "effect"

/** A committed `session-opened`: the right to call the runtime once. */
export interface SessionClaim {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly sessionId: SessionId
  readonly generation: number
  readonly runtime: string
  /** The claim was acted on by an earlier process, and its runtime may be at work still: this one is to find it, not to start it. */
  readonly reattach?: boolean
}

export interface RuntimeTraits {
  readonly runtime: string
  readonly resumable: boolean
  readonly canSteer: boolean
}

export class RuntimeSessions extends Context.Service<
  RuntimeSessions,
  {
    /** The runtime that a choice means, and what it can do. Unknown names get the default's, which then fails the turn. */
    readonly traits: (choice: RuntimeChoice) => RuntimeTraits
    /** A runtime of that name may be at work while no server is: its sessions are not lost with the process that claimed them. */
    readonly outlivesServer: (runtime: string) => boolean
    /** Runs the turn in the background, from the thread's state in the log; goes on where an earlier generation parked. */
    readonly start: (claim: SessionClaim) => Effect.Effect<void>
    /** At most once per turn has an effect; the turn ends `interrupted` within the grace period whatever the runtime does. */
    readonly interrupt: (thread: {
      tenant: TenantId
      threadId: ThreadId
      turnId: TurnId
    }) => Effect.Effect<void>
    /**
     * Hands an answer to the runtime that waits for it, once the session has committed that it takes it. Without such a runtime it does
     * nothing: the answer stands in the log for the next session.
     */
    readonly respond: (answer: {
      readonly tenant: TenantId
      readonly threadId: ThreadId
      readonly requestId: RequestId
      readonly response: RequestResponse
    }) => Effect.Effect<void>
    /** Tells the session that the thread's log holds a steering message for its turn. */
    readonly steer: (thread: { tenant: TenantId; threadId: ThreadId; turnId: TurnId }) => Effect.Effect<void>
    /** True while this process runs the session of that generation. */
    readonly isRunning: (sessionId: SessionId, generation: number) => boolean
    /** Ends every session of this process without deciding anything: the lease is gone, or the server stops. */
    readonly releaseAll: Effect.Effect<void>
  }
>()("@spillway/orchestration/RuntimeSessions") {}
