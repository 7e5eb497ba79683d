/**
 * Bounds what runtimes have reported and ingestion has not dealt with: a total for the process, of which one lane may hold a part.
 * There is no shared queue: a lane that is full makes only its own producer wait, and free room goes to the lanes that wait for
 * it in turn.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import type { Lane } from "./Lane.ts"

/** Events in all lanes together. */
const TOTAL = 1_024

/** Events in one lane. */
const PER_LANE = 128

export class IngestionBudget extends Context.Service<
  IngestionBudget,
  {
    readonly lane: <A>() => Effect.Effect<Lane<A>, never, Scope.Scope>
    /** Events admitted and not done with, in all lanes. */
    readonly inUse: () => number
    readonly total: number
    readonly perLane: number
  }
>()("@spillway/runtime-ingestion/IngestionBudget") {
  static readonly layer = ({ perLane = PER_LANE, total = TOTAL }: { readonly perLane?: number; readonly total?: number } = {}) =>
    Layer.sync(IngestionBudget, () => {
      let inUse = 0
      /** Lanes with room of their own whose next offer waits for the total, in the order in which they began to wait. */
      const waitingLanes: Array<{ readonly admitNext: () => void; readonly waits: () => boolean }> = []

      const grant = (): void => {
        while (inUse < total && waitingLanes.length > 0) {
          const lane = waitingLanes.shift()!
          lane.admitNext()
          if (lane.waits()) waitingLanes.push(lane)
        }
      }

      const makeLane = <A>() => {
        const items: Array<A> = []
        const offers: Array<{ readonly item: A; readonly resume: (admitted: boolean) => void }> = []
        let taker: (() => void) | undefined
        let depth = 0
        let closed = false

        const wake = (): void => {
          const waiting = taker
          taker = undefined
          waiting?.()
        }
        const put = (item: A): void => {
          items.push(item)
          wake()
        }
        const admit = (item: A): void => {
          depth++
          inUse++
          put(item)
        }
        const self = {
          waits: () => offers.length > 0 && depth < perLane,
          admitNext: () => {
            const offer = offers.shift()
            if (offer === undefined) return
            admit(offer.item)
            offer.resume(true)
          }
        }
        const queueUp = (): void => {
          if (self.waits() && !waitingLanes.includes(self)) waitingLanes.push(self)
          grant()
        }
        const takeNow = (max: number): ReadonlyArray<A> => items.splice(0, max)

        const lane: Lane<A> = {
          offer: (item) =>
            Effect.callback((resume) => {
              if (closed) return resume(Effect.succeed(false))
              if (offers.length === 0 && depth < perLane && inUse < total && waitingLanes.length === 0) {
                admit(item)
                return resume(Effect.succeed(true))
              }
              const offer = { item, resume: (admitted: boolean) => resume(Effect.succeed(admitted)) }
              offers.push(offer)
              queueUp()
              return Effect.sync(() => {
                const at = offers.indexOf(offer)
                if (at >= 0) offers.splice(at, 1)
              })
            }),
          offerControl: (item) => {
            if (!closed) put(item)
            return !closed
          },
          take: (max) =>
            Effect.callback((resume) => {
              if (items.length > 0 || closed) return resume(Effect.succeed(takeNow(max)))
              const waiting = () => resume(Effect.sync(() => takeNow(max)))
              taker = waiting
              return Effect.sync(() => {
                if (taker === waiting) taker = undefined
              })
            }),
          takeNow,
          done: (count) => {
            const freed = Math.min(count, depth)
            depth -= freed
            inUse -= freed
            queueUp()
          },
          depth: () => depth,
          close: Effect.sync(() => {
            if (closed) return
            closed = true
            for (const offer of offers.splice(0)) offer.resume(false)
            const at = waitingLanes.indexOf(self)
            if (at >= 0) waitingLanes.splice(at, 1)
            inUse -= depth
            depth = 0
            wake()
            grant()
          })
        }
        return lane
      }

      return IngestionBudget.of({
        lane: <A>() => Effect.acquireRelease(Effect.sync(() => makeLane<A>()), (lane) => lane.close),
        inUse: () => inUse,
        total,
        perLane
      })
    })
}
