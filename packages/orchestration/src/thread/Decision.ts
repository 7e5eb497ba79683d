/** What `decide` answers. Pure: ids and time come in with the command. */
import type {
  ClientCommand,
  DataOf,
  Rejection,
  RuntimeCommand,
  ThreadEvent,
  ThreadEventType
} from "@spillway/contracts"
import type { Result } from "effect"
import type { ThreadState } from "./ThreadState.ts"

export type ThreadCommand = ClientCommand | RuntimeCommand
export type ThreadCommandType = ThreadCommand["type"]

/** One member of the union by its type. */
export type CommandOf<T extends ThreadCommandType> = Extract<ThreadCommand, { readonly type: T }>

export type Decision = Result.Result<ReadonlyArray<ThreadEvent>, Rejection>

/** Decides one command on one state. An accepted client command always yields at least one event. */
export type Decide<C extends ThreadCommand = ThreadCommand> = (state: ThreadState, command: C) => Decision

/** Folds one event. `version` grows by one. */
export type Evolve<E extends ThreadEvent = ThreadEvent> = (state: ThreadState, event: E) => ThreadState

/** A feature's decisions, one for each of its commands. */
export type DecideTable<T extends ThreadCommandType> = { readonly [K in T]: Decide<CommandOf<K>> }

/** A feature's folds, one for each of its events: what the event changes. What it does not name stays as it is. */
export type EvolveTable<T extends ThreadEventType> = {
  readonly [K in T]: (state: ThreadState, data: DataOf<K>) => Partial<Omit<ThreadState, "version">>
}
