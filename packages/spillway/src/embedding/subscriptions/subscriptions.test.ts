import { describe, expect, it } from "@effect/vitest"
import { createSpillway } from "../../createSpillway.ts"
import { scripted } from "../runtimes/builtIn.ts"
import type { Spillway } from "../Spillway.ts"
import { embedded, rejection } from "../testing/embedded.ts"
import type { Query } from "./Subscription.ts"

const runTurns = async (spillway: Spillway, count: number) => {
  const thread = await spillway.createThread()
  for (let i = 0; i < count; i++) await (await thread.startTurn({ text: `turn ${i}` })).completed
}

describe("durable subscriptions of an embedded Spillway", () => {
  it.live("a handler is given events in order, of its types, and its checkpoint outlives the process", () =>
    embedded(async (spillway, database) => {
      await runTurns(spillway, 2)
      const seen: Array<number> = []
      const subscribe = (on: Spillway) =>
        on.subscribe({
          name: "ends",
          types: ["thread.turn-completed"],
          handle: (events) => {
            expect(events.every(({ type }) => type === "thread.turn-completed")).toBe(true)
            seen.push(...events.map(({ position }) => position))
          }
        })
      const subscription = await subscribe(spillway)
      await subscription.caughtUp()
      expect(seen).toHaveLength(2)
      await spillway.close()
      const again = await createSpillway({ database, runtimes: [scripted()], logLevel: "none" })
      await runTurns(again, 1)
      expect(await again.subscription("ends").status()).toMatchObject({ state: "idle" })
      await (await subscribe(again)).caughtUp()
      expect(seen).toHaveLength(3)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect(await again.subscriptions()).toMatchObject([{ name: "ends", state: "running", behind: 0 }])
      await again.close()
    })
  )

  it.live("in the checkpoint's transaction a handler's writes happen once, however often it throws", () =>
    embedded(async (spillway) => {
      await spillway.query("create table turn_count (id int primary key, turns int not null)")
      await spillway.query("insert into turn_count values (1, 0)")
      let calls = 0
      let kept: Query | undefined
      const subscription = await spillway.subscribe({
        name: "count",
        transaction: true,
        types: ["thread.turn-completed"],
        retry: { firstDelay: 1 },
        async handle(events, { query }) {
          kept = query
          await query("update turn_count set turns = turns + $1::int", [events.length])
          if (calls++ % 2 === 0) throw new Error("once more")
        }
      })
      await runTurns(spillway, 5)
      await subscription.caughtUp()
      expect(await spillway.query("select turns from turn_count")).toEqual([{ turns: 5 }])
      // Behind its transaction there is nothing that it could take part in.
      expect(await rejection(kept!("update turn_count set turns = 99"))).toBeDefined()
      expect(await spillway.query("select turns from turn_count")).toEqual([{ turns: 5 }])
    })
  )

  it.live("one that can't go on stops with the reason, and goes on behind the event when it is reset", () =>
    embedded(async (spillway) => {
      const subscription = await spillway.subscribe({
        name: "stuck",
        retry: { attempts: 2, firstDelay: 1 },
        handle: (events) => {
          if (events.some(({ type }) => type === "thread.turn-started")) throw new Error("no turns here")
        }
      })
      await runTurns(spillway, 1)
      expect(await rejection(subscription.caughtUp())).toMatchObject({
        code: "subscription-stopped",
        message: expect.stringMatching(
          /\(thread\.turn-started, version 4 of \w+\) can't be handled: no turns here/
        )
      })
      const { position } = await subscription.status()
      expect(await subscription.status()).toMatchObject({ state: "stopped", position: 3, failures: 2 })
      await subscription.reset({ after: position + 1 })
      await subscription.caughtUp()
      await subscription.stop()
      await subscription.remove()
      expect(await rejection(subscription.status())).toMatchObject({ code: "subscription-unknown" })
      expect(await rejection(spillway.subscribe({ name: "no name", handle: () => {} }))).toMatchObject({
        code: "subscription-invalid"
      })
    })
  )

  it.live("its signal aborts when it is reset under it, and a batch ends before it stops", () =>
    embedded(async (spillway) => {
      let calls = 0
      const aborted = Promise.withResolvers<void>()
      const inside = Promise.withResolvers<void>()
      const goOn = Promise.withResolvers<void>()
      const ended: Array<number> = []
      const subscription = await spillway.subscribe({
        name: "slow",
        async handle(events, { signal }) {
          if (calls++ === 0) {
            signal.addEventListener("abort", () => aborted.resolve())
            return (inside.resolve(), new Promise(() => {}))
          }
          await goOn.promise
          ended.push(...events.map(({ position }) => position))
        }
      })
      await spillway.createThread()
      await inside.promise
      await subscription.reset("beginning")
      await aborted.promise
      while (calls < 2) await new Promise((resolve) => setImmediate(resolve))
      const stopped = subscription.stop()
      goOn.resolve()
      await stopped
      expect(ended).toEqual([1])
      expect(await subscription.status()).toMatchObject({ position: 1, state: "idle" })
    })
  )

  it.live("queries look names up in public, never among Spillway's tables, and say what was wrong", () =>
    embedded(async (spillway) => {
      expect(await spillway.query("select current_schema() as schema, $1::int + 1 as sum", [1])).toEqual([
        { schema: "public", sum: 2 }
      ])
      expect(await rejection(spillway.query("select * from event"))).toMatchObject({
        code: "query-failed",
        message: 'The query failed: relation "event" does not exist'
      })
    })
  )
})
