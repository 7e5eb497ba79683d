/** What the engine counts. Plain numbers, told once per append and once per answered command. */
import type { ThreadEvent } from "@spillway/contracts"
import { Effect } from "effect"
import { counterOf, countersOf, histogramOf, histogramsOf } from "../metrics/instruments.ts"
import { type CommandOutcome, FINISH_REASONS, type FinishReason, metrics } from "../metrics/metrics.ts"

export const makeEngineMetrics = Effect.gen(function* () {
  const commits = yield* counterOf(metrics.commits)
  const events = yield* counterOf(metrics.eventsCommitted)
  const conflicts = yield* counterOf(metrics.commitConflicts)
  const batchSize = yield* histogramOf(metrics.batchSize)
  const commitDuration = yield* histogramOf(metrics.commitDuration)
  const commandDuration = yield* histogramsOf(metrics.commandDuration)
  const turns = yield* countersOf(metrics.turns)
  const steps = yield* countersOf(metrics.steps)
  const tokens = yield* countersOf(metrics.tokens)
  const toolCalls = yield* countersOf(metrics.toolCalls)

  const count = (event: ThreadEvent): void => {
    switch (event.type) {
      case "thread.turn-completed":
        return turns.completed.add()
      case "thread.turn-failed":
        return turns.failed.add()
      case "thread.turn-interrupted":
        return turns.interrupted.add()
      case "thread.step-closed":
        steps[finishReason(event.data.finishReason)].add()
        tokens.input.add(event.data.usage.inputTokens ?? 0)
        return tokens.output.add(event.data.usage.outputTokens ?? 0)
      case "thread.tool-call-closed":
        return toolCalls[event.data.status].add()
      default:
        return
    }
  }

  return {
    /** @param size commands and runtime batches. @param milliseconds how long the append took. */
    committed: (size: number, committed: ReadonlyArray<ThreadEvent>, milliseconds: number): void => {
      commits.add()
      events.add(committed.length)
      batchSize.record(size)
      commitDuration.record(milliseconds / 1_000)
      for (const event of committed) count(event)
    },
    conflict: (): void => conflicts.add(),
    /** @param since when the command was dispatched, on the clock of `performance.now`. */
    answered: (outcome: CommandOutcome, since: number): void =>
      commandDuration[outcome].record((performance.now() - since) / 1_000)
  }
})

export type EngineMetrics = Effect.Success<typeof makeEngineMetrics>

const known: ReadonlySet<string> = new Set(FINISH_REASONS)

const finishReason = (given: string): FinishReason => (known.has(given) ? (given as FinishReason) : "other")
