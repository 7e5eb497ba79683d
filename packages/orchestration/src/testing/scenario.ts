/**
 * What a thread does, as sentences: `given(events).when(command).then(events)`, or `.thenRejected(tag, about)`. Pure: nothing runs.
 */
import { deepStrictEqual, fail, match, strictEqual } from "node:assert/strict"
import { DEFAULT_TENANT, type RejectionTag, ThreadId, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import { decide } from "../thread/decide.ts"
import type { Decision, ThreadCommand } from "../thread/Decision.ts"
import { evolve } from "../thread/evolve.ts"
import { emptyThreadState, type ThreadState } from "../thread/ThreadState.ts"

/** The thread that every scenario is about. */
export const scenarioThread = ThreadId.make("thread")

const nothing = emptyThreadState(DEFAULT_TENANT, scenarioThread)

/** The state that events leave. */
export const stateAfter = (events: ReadonlyArray<ThreadEvent>): ThreadState => events.reduce(evolve, nothing)

/** The events of commands that are all accepted, one after the other. */
export const eventsOf = (...commands: ReadonlyArray<ThreadCommand>): ReadonlyArray<ThreadEvent> => {
  const events: Array<ThreadEvent> = []
  let state = nothing
  for (const command of commands) {
    for (const event of accepted(command, decide(state, command))) {
      events.push(event)
      state = evolve(state, event)
    }
  }
  return events
}

const accepted = (command: ThreadCommand, decision: Decision): ReadonlyArray<ThreadEvent> =>
  Result.isSuccess(decision)
    ? decision.success
    : fail(`${command.type} was refused: ${decision.failure._tag}: ${decision.failure.message}`)

/** What happened before: events, or the commands that led to them. */
export const given = (...before: ReadonlyArray<ThreadCommand> | readonly [ReadonlyArray<ThreadEvent>]) => {
  const [first] = before
  const events = isEvents(first) ? first : eventsOf(...(before as ReadonlyArray<ThreadCommand>))
  return { when: (command: ThreadCommand) => when(stateAfter(events), command) }
}

const isEvents = (value: unknown): value is ReadonlyArray<ThreadEvent> => Array.isArray(value)

const when = (state: ThreadState, command: ThreadCommand) => {
  const decision = decide(state, command)
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- the third word of a sentence, and never awaited
    then: (events: ReadonlyArray<ThreadEvent>): void => deepStrictEqual(accepted(command, decision), events),
    /** Only the types: for what another scenario spells out. */
    thenTypes: (...types: ReadonlyArray<ThreadEvent["type"]>): void =>
      deepStrictEqual(
        accepted(command, decision).map((event) => event.type),
        types
      ),
    /** The message is a sentence for whoever sent the command; `about` is what it must speak of. */
    thenRejected: (tag: RejectionTag, about: RegExp): void => {
      if (Result.isSuccess(decision))
        return fail(`${command.type} was accepted: ${JSON.stringify(decision.success)}`)
      strictEqual(decision.failure._tag, tag)
      match(decision.failure.message, about)
      match(decision.failure.message, /^[A-Z].*\.$/s)
    },
    events: (): ReadonlyArray<ThreadEvent> => accepted(command, decision),
    state: (): ThreadState => accepted(command, decision).reduce(evolve, state)
  }
}
