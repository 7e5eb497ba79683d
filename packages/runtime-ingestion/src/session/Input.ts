/** What stands in a session's lane, in the order in which it is to be dealt with. */
import type { Failure, ProviderRuntimeEvent, RequestId, RequestResponse } from "@spillway/contracts"
import type { Deferred, Exit } from "effect"
import {
  type OpenedStep,
  type RuntimeFailed,
  type RuntimeLost,
  SessionClosed,
  type StepOptions
} from "../ProviderRuntime.ts"

export type RuntimeExit = Exit.Exit<void, RuntimeFailed | RuntimeLost | SessionClosed>

/** Events take part in the budget; the others have reserved room. */
export type Input =
  | {
      readonly type: "event"
      /** Given by runtimes that send again; the others' events are numbered as they are admitted. */
      readonly sequence: number | undefined
      /** When the runtime reported it, in milliseconds. */
      readonly at: number
      readonly event: ProviderRuntimeEvent
    }
  | {
      readonly type: "open-step"
      readonly options: StepOptions
      /** Given by runtimes that send again. */
      readonly sequence: number | undefined
      readonly opened: Deferred.Deferred<OpenedStep, SessionClosed>
    }
  /** Taken in the log first, then handed to the runtime, if that waits for it. */
  | { readonly type: "answer"; readonly requestId: RequestId; readonly response: RequestResponse }
  /** What the runtime said before it was told to stop goes to the log in its place. */
  | { readonly type: "interrupt" }
  | { readonly type: "returned"; readonly exit: RuntimeExit }
  /** A watchdog ends the turn: failed with an error, interrupted without one. */
  | { readonly type: "close"; readonly reason: string; readonly error: Failure | null }

export const gone = new SessionClosed({
  message: "The session is over: the turn has ended, or another session took it over."
})
