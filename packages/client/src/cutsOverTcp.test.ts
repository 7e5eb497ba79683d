import { expect, it } from "@effect/vitest"
import { emptyThreadView, foldThread } from "@spillway/contracts"
import { Effect } from "effect"
import { layerTestSpillway, logOf } from "spillway/testing"
import { seeded } from "./testing/seeded.ts"
import { tcpClient } from "./testing/tcpClient.ts"
import { WatchedThread } from "./testing/WatchedThread.ts"

const RUNS = 15

it.live(
  "A3 A4 over TCP and Postgres, a client that is cut after a few frames each time sees the same as one that is not",
  () =>
    Effect.gen(function* () {
      const whole = yield* tcpClient
      for (let seed = 1; seed <= RUNS; seed++) {
        const chance = seeded(seed)
        const cut = yield* tcpClient
        cut.cutAfter.push(...Array.from({ length: 8 }, () => 2 + chance.upTo(12)))
        const thread = cut.client.thread()
        const watched = new WatchedThread(thread)
        const other = whole.client.thread(thread.id)
        const leave = other.subscribe(() => {})
        let last = ""
        for (const name of ["tools", "stream", chance.oneOf(["reasoning", "error", "retry"])]) {
          const options = name === "stream" ? { deltas: 60, intervalMs: 1, deltaSize: 40 } : {}
          const sent = thread.send(`Play ${name}.`, {
            mode: chance.oneOf(["streaming", "streaming", "paragraph", "buffered"] as const),
            choice: { runtime: "scripted", options: { script: name, ...options } }
          })
          watched.sent(sent, true)
          last = sent.turnId
        }
        yield* Effect.promise(() => Promise.all([thread.ended(last), other.ended(last)]))
        const fold = foldThread(emptyThreadView(thread.id), yield* logOf(thread.id))
        watched.compare(fold)
        const again = `seed ${seed}`
        expect(watched.wrong, again).toEqual([])
        expect(thread.view, again).toEqual(fold)
        expect(other.view, again).toEqual(fold)
        expect(cut.told.length, again).toBeGreaterThan(1)
        leave()
        cut.client.close()
      }
    }).pipe(Effect.scoped, Effect.provide(layerTestSpillway)),
  60_000
)
