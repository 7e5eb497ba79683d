/** Everything that Postgres keeps for the engine, in memory: a log, a lease that is always held, and nobody else who commits. */
import { Effect, Layer, Stream } from "effect"
import { CommitSignal } from "../CommitSignal.ts"
import { NodeLease } from "../NodeLease.ts"
import * as MemoryEventLog from "./MemoryEventLog.ts"

/** On a store that is given, as two processes would share it. */
export const layerOnStore = Layer.mergeAll(
  MemoryEventLog.layer,
  Layer.effect(
    NodeLease,
    Effect.map(MemoryEventLog.MemoryStore, (store) =>
      NodeLease.of({
        epoch: Effect.sync(() => store.epoch),
        changes: Stream.concat(
          Stream.sync(() => store.epoch),
          Stream.never
        )
      })
    )
  ),
  Layer.succeed(CommitSignal, CommitSignal.of({ wakes: Stream.never }))
)

export const layer = Layer.provideMerge(layerOnStore, MemoryEventLog.MemoryStore.layer)
