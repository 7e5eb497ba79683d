import { describe, expect, it } from "@effect/vitest"
import type { LiveFrame, LoggedEvent } from "@spillway/contracts"
import { Counter } from "@spillway/orchestration"
import { Effect, Exit, Scope } from "effect"
import { eventOf, frameOf } from "../../testing/numberedEvents.ts"
import { threadOrder } from "../following/EventQueue.ts"
import type { Follower } from "../following/Follower.ts"
import { EventStream } from "./EventStream.ts"

const STALL = 30_000

/** A stream of a log in memory whose body is read by hand, as a socket with little room would. */
const openStream = () => {
  const log: Array<LoggedEvent> = []
  const scope = Scope.makeUnsafe()
  let attached: Follower | undefined
  let tail: ReadonlyArray<LiveFrame> = []
  let open = 0
  let now = 0
  let pages = 0
  const counters = { liveDropped: new Counter(), readerPauses: new Counter() }
  const stream = new EventStream({
    source: {
      order: threadOrder,
      readAfter: (place, limit) =>
        Effect.sync(() => {
          pages += 1
          return log.slice(place, place + limit)
        }),
      liveTail: () => tail,
      attach: (follower) =>
        Effect.acquireRelease(
          Effect.sync(() => void (attached = follower)),
          () => Effect.sync(() => void (attached = undefined))
        ),
      isLast: () => false
    },
    logId: "log",
    after: 0,
    stallAfter: STALL,
    now: () => now,
    metrics: counters,
    run: (effect) => Effect.runSync(Scope.provide(effect, scope)),
    onOpen: () => void (open += 1),
    onClose: () => Effect.runSync(Scope.close(scope, Exit.void))
  })
  return {
    stream,
    isAttached: () => attached !== undefined,
    opened: () => open,
    pages: () => pages,
    commit: (title = "x") => {
      const committed = eventOf(log.length + 1, title)
      log.push(committed)
      attached?.onEvent(committed)
    },
    say: (frame: LiveFrame) => attached?.onLiveFrame(frame),
    setTail: (frames: ReadonlyArray<LiveFrame>) => void (tail = frames),
    tickAt: (at: number) => {
      now = at
      stream.tick()
    },
    version: () => log.length
  }
}

/** Everything that the event loop has to do for now. */
const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

/** Takes what is there, again and again, until nothing more comes. */
const takeAll = async (stream: EventStream): Promise<string> => {
  let text = ""
  for (let idle = 0; idle < 3;) {
    const chunk = stream.read() as Buffer | null
    if (chunk === null) idle += 1
    else {
      idle = 0
      text += chunk.toString("utf8")
    }
    await settled()
  }
  return text
}

const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)\ndata/gm)].map(([, id]) => Number(id))
const upTo = (version: number) => Array.from({ length: version }, (_, i) => i + 1)

describe("the body of an event stream", () => {
  it("attaches to nothing before it is read, and lets go when it is destroyed", async () => {
    const { isAttached, opened, stream } = openStream()
    await settled()
    expect([isAttached(), opened()]).toEqual([false, 0])
    stream.read(0)
    await settled()
    expect([isAttached(), opened()]).toEqual([true, 1])
    stream.destroy()
    await settled()
    expect(isAttached()).toBe(false)
  })

  it("that was never read is destroyed like any other", async () => {
    const { isAttached, opened, stream } = openStream()
    stream.destroy()
    await settled()
    expect([isAttached(), opened(), stream.destroyed]).toEqual([false, 0, true])
  })

  it("holds little for a client that does not read, and gives it everything once it does", async () => {
    const { commit, pages, stream, version } = openStream()
    const before = await takeAll(stream)
    expect(before).toContain("event: caught-up")
    let most = 0
    for (let i = 0; i < 400; i++) {
      commit("x".repeat(10_000))
      await settled()
      most = Math.max(most, stream.waiting)
    }
    // 256 KiB of events, one batch on its way of 64 KiB and an event.
    expect(most).toBeLessThan(256 * 1024 + 64 * 1024 + 2 * 11_000)
    const read = pages()
    expect(read).toBe(1)
    expect(idsOf(await takeAll(stream))).toEqual(upTo(version()))
    expect(pages()).toBeGreaterThan(read)
  })

  it("holds little of a page of large events that its client leaves unread", async () => {
    const { commit, stream, version } = openStream()
    for (let i = 0; i < 60; i++) commit("x".repeat(100_000))
    stream.read(0)
    await settled()
    // 256 KiB of events and one more, and one on its way.
    expect(stream.waiting).toBeLessThan(256 * 1024 + 2 * 101_000)
    expect(idsOf(await takeAll(stream))).toEqual(upTo(version()))
  })

  it("leaves live frames out without room, and begins again with the whole tail", async () => {
    const { commit, say, setTail, stream, version } = openStream()
    await takeAll(stream)
    commit()
    say(frameOf(1, 0, "seen "))
    expect(await takeAll(stream)).toContain('"text":"seen "')
    for (let i = 0; i < 4; i++) {
      commit("x".repeat(10_000))
      await settled()
    }
    say(frameOf(version(), 5, "left "))
    say(frameOf(version(), 10, "out"))
    setTail([frameOf(version(), 0, "seen left out")])
    await settled()
    const rest = await takeAll(stream)
    expect(idsOf(rest)).toEqual([2, 3, 4, 5])
    expect([...rest.matchAll(/^event: live\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!))).toEqual([
      frameOf(version(), 0, "seen left out")
    ])
  })

  it("closes when nothing of what waits was taken for too long; a little now and then is enough", async () => {
    const { commit, stream, tickAt } = openStream()
    await takeAll(stream)
    for (let i = 0; i < 10; i++) {
      commit("x".repeat(20_000))
      await settled()
    }
    for (let second = 1; second <= 120; second++) {
      if (second % 25 === 0) stream.read()
      tickAt(second * 1_000)
      await settled()
    }
    expect(stream.destroyed).toBe(false)
    tickAt(129_000)
    expect(stream.destroyed).toBe(false)
    tickAt(130_000)
    expect(stream.destroyed).toBe(true)
  })

  it("stays open for a client that has everything, with a comment every 15 seconds", async () => {
    const { stream, tickAt } = openStream()
    await takeAll(stream)
    let text = ""
    for (let second = 1; second <= 100; second++) {
      tickAt(second * 1_000)
      text += await takeAll(stream)
    }
    expect(stream.destroyed).toBe(false)
    expect(text).toBe(": nothing new\n\n".repeat(6))
  })
})
