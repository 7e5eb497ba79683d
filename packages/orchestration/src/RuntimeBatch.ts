/** What is handed to the engine beside the commands themselves, and what it answers for runtimes. */
import type { Rejection, RuntimeCommand, SessionId, TenantId, ThreadId } from "@spillway/contracts"
import type { UnflushedText } from "./EventLog.ts"
import type { ThreadState } from "./thread/ThreadState.ts"

/** Who sends a client's command, as the door it came through knows it. */
export interface CommandOrigin {
  readonly tenant: TenantId
  readonly actor: string
  readonly correlationId: string | null
}

/** Runtime commands that are committed together or not at all, each decided on the state that the one before it leaves. */
export interface RuntimeBatch {
  readonly tenant: TenantId
  readonly threadId: ThreadId
  /** `runtime:<name>`, or `spillway` for recovery. */
  readonly actor: string
  readonly commands: ReadonlyArray<RuntimeCommand>
  /**
   * The session's events up to `through` are durable with this batch. `null` for what does not come from a session: claims and
   * recovery.
   */
  readonly cursor: {
    readonly sessionId: SessionId
    readonly generation: number
    readonly through: number
  } | null
  /** Text that no segment holds yet, for the session's checkpoint. Only with a cursor: the text up to it is in here, or in the log. */
  readonly checkpoint?: ReadonlyArray<UnflushedText>
  /** The provider that answers the model call of the step opened in this batch, for its span; absent where the runtime names none. */
  readonly provider?: string | null
}

export type RuntimeOutcome =
  /** `state` is the thread's after the commit. */
  | { readonly _tag: "Committed"; readonly state: ThreadState }
  /** The command at `index` was refused, so none of the batch was committed. */
  | { readonly _tag: "Refused"; readonly index: number; readonly rejection: Rejection }
  /** The session's cursor is past this batch already, or a newer generation took over. */
  | { readonly _tag: "Superseded" }
