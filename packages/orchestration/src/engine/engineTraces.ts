/** What the engine shows of its work to a tracer. Nothing where none is installed. */
import type { LoggedEvent } from "@spillway/contracts"
import { Effect } from "effect"
import { EventLog } from "../EventLog.ts"
import { threadKey } from "../threadKey.ts"
import { makeCommandSpans, type TracedAppend } from "../tracing/commandSpans.ts"
import { makeTracing } from "../tracing/Tracing.ts"
import { makeTurnTraces } from "../tracing/turnTraces.ts"
import type { DecidedBatch } from "./decideBatch.ts"

export const makeEngineTraces = Effect.gen(function* () {
  const tracing = yield* makeTracing
  if (tracing === null) return null
  const { logId } = yield* EventLog
  const commands = makeCommandSpans(tracing, logId)
  const turns = yield* makeTurnTraces(tracing)
  return {
    commands,
    committed: (
      batch: DecidedBatch,
      events: ReadonlyArray<LoggedEvent>,
      times: { readonly startedAt: number; readonly endedAt: number }
    ): TracedAppend | null => {
      turns.committed(events, providersOf(batch))
      return commands.append(batch, events[0]?.position, times)
    }
  }
})

export type EngineTraces = NonNullable<Effect.Success<typeof makeEngineTraces>>

/** Which provider the steps that a batch opens go to, by thread. */
const providersOf = ({ decided }: DecidedBatch): ReadonlyMap<string, string> => {
  const providers = new Map<string, string>()
  for (const { entry } of decided) {
    if (entry.kind === "runtime" && entry.batch.provider) {
      providers.set(threadKey(entry.batch), entry.batch.provider)
    }
  }
  return providers
}
