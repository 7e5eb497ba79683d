/** What `decide` answers. Pure: ids and time come in with the command. */
import type { ClientCommand, Rejection, RuntimeCommand, ThreadEvent } from "@spillway/contracts"
import type { Result } from "effect"
import type { ThreadState } from "./ThreadState.ts"

export type ThreadCommand = ClientCommand | RuntimeCommand

export type Decision = Result.Result<ReadonlyArray<ThreadEvent>, Rejection>

/** Decides one command on one state. An accepted client command always yields at least one event. */
export type Decide<C extends ThreadCommand = ThreadCommand> = (state: ThreadState, command: C) => Decision

/** Folds one event. `version` grows by one. */
export type Evolve<E extends ThreadEvent = ThreadEvent> = (state: ThreadState, event: E) => ThreadState
