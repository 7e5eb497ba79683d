import { describe, expect, it } from "@effect/vitest"
import type { LoggedEvent } from "@spillway/contracts"
import { Effect } from "effect"
import * as fc from "fast-check"
import { eventOf } from "../../testing/numberedEvents.ts"
import { threadOrder } from "./EventQueue.ts"
import { Follower } from "./Follower.ts"

/** A follower of a log in memory, whose reader has room when it is told so. */
const followLog = (after: number) => {
  const log: Array<LoggedEvent> = []
  const follower = new Follower(
    {
      order: threadOrder,
      readAfter: (place, limit) => Effect.sync(() => log.slice(place, place + limit)),
      liveTail: null,
      attach: () => Effect.void,
      isLast: () => false
    },
    { hasRoom: () => true, offered: () => {}, liveDropped: () => {} }
  )
  /** Everything that can be taken now, in order: versions, and where history ends. */
  const take = (maxEvents: number) => {
    const out: Array<number | "caught-up"> = []
    for (let batch = follower.take(maxEvents); batch !== undefined; batch = follower.take(maxEvents)) {
      if (batch.type === "caught-up") out.push(batch.type)
      else out.push(...batch.texts.map((text) => (JSON.parse(text) as LoggedEvent).version))
    }
    return out
  }
  return {
    follower,
    take,
    /** Commits, and tells of it unless it is told later. */
    commit: () => {
      const committed = eventOf(log.length + 1)
      log.push(committed)
      return () => follower.onEvent(committed)
    },
    begin: () => follower.begin(after),
    read: () => {
      if (follower.wantsRead) Effect.runSync(follower.readPage)
    },
    length: () => log.length
  }
}

describe("Follower", () => {
  it("says where history ends also when it fell behind before it could", () => {
    const { begin, commit, follower, read, take } = followLog(0)
    begin()
    commit()()
    read()
    follower.fallBehind()
    commit()()
    read()
    expect(take(1)).toEqual([1, 2, "caught-up"])
    follower.fallBehind()
    commit()()
    read()
    expect(take(1)).toEqual([3])
  })

  it("whatever comes in which order: each event once, in order, and the end of history once", () => {
    const step = fc.constantFrom("commit", "tell", "begin", "read", "take", "take one", "fall behind")
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(3), (steps, after) => {
        const { begin, commit, follower, length, read, take } = followLog(after)
        const out: Array<number | "caught-up"> = []
        /** Commits that this process has not been told of yet; it is told in order. */
        const untold: Array<() => void> = []
        for (let i = 0; i < after; i++) commit()
        for (const step of steps) {
          if (step === "commit") untold.push(commit())
          else if (step === "tell") untold.shift()?.()
          else if (step === "begin" && !follower.isPlaced) begin()
          else if (step === "read") read()
          else if (step === "fall behind") follower.fallBehind()
          else if (step === "take") out.push(...take(512))
          else {
            const batch = follower.take(1)
            if (batch?.type === "caught-up") out.push(batch.type)
            else if (batch !== undefined) out.push(batch.type === "events" ? batch.through : Number.NaN)
          }
        }
        for (const tell of untold) tell()
        if (!follower.isPlaced) begin()
        do {
          read()
          out.push(...take(512))
        } while (follower.wantsRead)
        expect(out.filter((item) => item !== "caught-up")).toEqual(
          Array.from({ length: length() - after }, (_, i) => after + 1 + i)
        )
        expect(out.filter((item) => item === "caught-up")).toHaveLength(1)
      })
    )
  })
})
