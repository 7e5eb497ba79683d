import {
  asked,
  begun,
  closed,
  created,
  ended,
  frame,
  messageOf,
  opened,
  segment,
  threadId
} from "@spillway/contracts/testing"
import { describe, expect, it } from "vitest"
import type { ThreadState } from "./ThreadState.ts"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { commandIn, FakeThread, followed, rejected, subscriptionIn } from "./testing/fakeThread.ts"

const writing = [created, ...begun("t1"), opened("t1")]
const textOf = ({ messages }: ThreadState) =>
  messages
    .at(-1)!
    .parts.map((part) => (part.type === "tool-call" ? "" : part.text))
    .join("")

describe("following a thread", () => {
  it("begins with a snapshot, and is the same fold as the server's from then on", async () => {
    const { id, server, socket, thread } = await followed([created, ...begun("t1")])
    expect(thread.state).toMatchObject({ status: "live", hasOlder: false })
    expect(thread.view).toEqual(server.view)
    socket.says(server.told(id, server.commits(opened("t1"), segment("t1", "Hi"), closed("t1"), ended("t1"))))
    expect(thread.view).toEqual(server.view)
  })

  it("tells its listeners once for each frame, and leaves as it is what did not change", async () => {
    const { changes, id, server, socket, thread } = await followed([...writing, ended("t1"), ...begun("t2")])
    const before = thread.state
    const count = changes()
    socket.says(server.told(id, server.commits(opened("t2"), segment("t2", "one", {}))))
    expect(changes()).toBe(count + 1)
    expect(thread.view.turns[0]).toBe(before.view.turns[0])
    expect(thread.state.messages[0]).toBe(before.messages[0])
    expect(thread.state.requests).toBe(before.requests)
    // A frame that changes nothing says nothing.
    const after = thread.state
    socket.says(server.told(id, server.events))
    expect(thread.state).toBe(after)
    expect(changes()).toBe(count + 1)
  })

  it("shows live text at once, and does not show it again when the segment follows", async () => {
    const { id, server, socket, thread } = await followed(writing)
    const [first] = thread.state.messages
    socket.says(server.live(id, frame("t1", "Hello ")))
    socket.says(server.live(id, frame("t1", "world", { offset: 6 })))
    expect(textOf(thread.state)).toBe("Hello world")
    expect(thread.state.messages[0]).toBe(first)
    expect(thread.state.messages[1]).toMatchObject({ messageId: messageOf("t1"), status: "open" })
    const [, live] = thread.state.messages
    socket.says(server.told(id, server.commits(segment("t1", "Hello "))))
    expect(textOf(thread.state)).toBe("Hello world")
    expect(thread.state.messages[1]!.parts[0]).toMatchObject({ partId: live!.parts[0]!.partId })
    socket.says(
      server.told(id, server.commits(segment("t1", "world", { offset: 6 }), closed("t1"), ended("t1")))
    )
    expect(thread.view).toEqual(server.view)
  })

  it("keeps live text on the screen through a cut, and joins nothing to it that came after", async () => {
    const { id, place, server, socket, thread } = await followed(writing)
    socket.says(server.live(id, frame("t1", "Hello wor")))
    socket.cuts()
    expect(textOf(thread.state)).toBe("Hello wor")
    place.passes(30_000)
    const next = await place.welcomes()
    const again = subscriptionIn(next)
    next.says(server.caughtUp(again))
    expect(textOf(thread.state)).toBe("Hello wor")
    // Another process runs it, and has written something else.
    next.says(server.live(again, frame("t1", "Hello m")))
    expect(textOf(thread.state)).toBe("Hello m")
    next.says(server.live(again, frame("t1", "oon", { offset: 7 })))
    expect(textOf(thread.state)).toBe("Hello moon")
  })

  it("drops live text of the connection before once the server has said that it has none", async () => {
    const { id, place, server, socket, thread } = await followed(writing)
    socket.says(server.live(id, frame("t1", "lost with its process")))
    socket.cuts()
    place.passes(30_000)
    const next = await place.welcomes()
    const again = subscriptionIn(next)
    next.says(server.caughtUp(again))
    expect(textOf(thread.state)).toBe("lost with its process")
    expect(next.takeSent()).toEqual([{ type: "ping" }])
    next.says({ type: "pong" })
    expect(textOf(thread.state)).toBe("")
  })

  it("goes on after the last version that it has, and starts afresh where the log is another one", async () => {
    const { place, server, socket, thread } = await followed([created, ...begun("t1"), ended("t1")])
    socket.cuts(1001)
    expect(thread.state.status).toBe("behind")
    place.passes(30_000)
    const next = await place.welcomes("log-2")
    const [, subscribe] = next.sent
    expect(subscribe).toMatchObject({ subscription: { from: { afterVersion: 5, logId: "log-1" } } })
    const id = subscriptionIn(next)
    const other = new FakeThread()
    other.commits(created)
    next.says(
      { type: "error", code: "cursor-invalid", message: "Other log.", retryable: false, id },
      other.snapshot(id),
      other.caughtUp(id)
    )
    expect(thread.state.status).toBe("live")
    expect(thread.view).toEqual(other.view)
    expect(thread.view).not.toEqual(server.view)
    next.cuts()
    place.passes(30_000)
    expect((await place.welcomes("log-2")).sent[1]).toMatchObject({
      subscription: { from: { afterVersion: 1, logId: "log-2" } }
    })
  })

  it("goes on where the server had waited too long for its acks", async () => {
    const { id, place, server, socket } = await followed([created, ...begun("t1")])
    socket.says({
      type: "error",
      code: "stalled",
      message: "Nothing was acked.",
      retryable: true,
      resumeAfter: { [id]: 2 }
    })
    socket.cuts(4408)
    place.passes(30_000)
    // What was read is not read again: it was only the acks that did not get through.
    expect((await place.welcomes()).sent[1]).toMatchObject({
      subscription: { from: { afterVersion: server.events.length } }
    })
  })

  it("begins again with a snapshot where events are missing", async () => {
    const { id, server, socket, thread } = await followed([created])
    const [, second] = server.commits(...begun("t1"))
    socket.says(server.told(id, [second!]))
    const frames = socket.takeSent()
    expect(frames).toMatchObject([{ type: "unsubscribe", id }, { subscription: { from: "snapshot" } }])
    const again = frames[1]!.type === "subscribe" ? frames[1]!.id : ""
    // What still comes for the one before is nobody's.
    socket.says(server.told(id, server.commits(ended("t1"))))
    socket.says(server.snapshot(again), server.caughtUp(again))
    expect(thread.view).toEqual(server.view)
    expect(thread.state.status).toBe("live")
  })

  it("ends with its last listener, and one that comes back at once finds it as it was", async () => {
    const { socket, thread, client } = await followed([created])
    const leave = thread.subscribe(() => {})
    leave()
    expect(client.thread(threadId)).toBe(thread)
    await Promise.resolve()
    expect(socket.takeSent()).toEqual([])

    const place = new FakePlace()
    const other = clientIn(place).thread("t")
    const stop = other.subscribe(() => {})
    const own = await place.welcomes()
    const id = subscriptionIn(own)
    stop()
    const again = other.subscribe(() => {})
    await Promise.resolve()
    expect(own.takeSent()).toEqual([])
    again()
    await Promise.resolve()
    expect(own.takeSent()).toEqual([{ type: "unsubscribe", id }])
  })

  it("tells of a thread that can't be followed, and why", async () => {
    const place = new FakePlace()
    const thread = clientIn(place).thread("a b")
    thread.subscribe(() => {})
    const socket = await place.welcomes()
    const id = subscriptionIn(socket)
    socket.says({ type: "error", code: "malformed-frame", message: "No such id.", retryable: false, id })
    expect(thread.state).toMatchObject({
      status: "refused",
      error: { code: "malformed-frame", message: "No such id." }
    })
  })

  it("has as many subscriptions as the server lets it have, and the next one when one ends", async () => {
    const place = new FakePlace()
    const client = clientIn(place)
    const leave = client.thread("t1").subscribe(() => {})
    client.thread("t2").subscribe(() => {})
    client.thread("t3").subscribe(() => {})
    const socket = await place.welcomes("log-1", 2)
    const asked = () =>
      socket
        .takeSent()
        .flatMap((one) =>
          one.type === "subscribe" && one.subscription.to === "thread" ? [one.subscription.threadId] : []
        )
    expect(asked()).toEqual(["t1", "t2"])
    leave()
    await Promise.resolve()
    expect(asked()).toEqual(["t3"])
  })

  it("forgets the views that nobody has followed for the longest time", async () => {
    const place = new FakePlace()
    const client = clientIn(place)
    const first = client.thread(threadId)
    const leave = first.subscribe(() => {})
    const socket = await place.welcomes()
    const server = new FakeThread()
    server.commits(created)
    const id = subscriptionIn(socket)
    socket.says(server.snapshot(id), server.caughtUp(id))
    leave()
    await Promise.resolve()
    const visit = async (name: string) => {
      client.thread(name).subscribe(() => {})()
      await Promise.resolve()
    }
    for (let i = 0; i < 19; i++) await visit(`t${i}`)
    expect(first.state).toMatchObject({ status: "behind", view: { version: 1 } })
    await visit("one more")
    expect(first.state).toMatchObject({ status: "loading", view: { version: 0 } })
  })

  it("shows the questions that the active turn waits for, and an answer at once", async () => {
    const { socket, thread } = await followed([...writing, asked("t1", "r1")])
    expect(thread.state.requests).toMatchObject([{ requestId: "r1", status: "pending" }])
    thread.respond("r1", { type: "approval", decision: "approve" })
    expect(thread.state.requests).toEqual([])
    expect(thread.view.turns[0]!.requests).toMatchObject([{ status: "resolved" }])
    socket.says(rejected(commandIn(socket.takeSent()), "RequestAlreadyResolved"))
    expect(thread.state.pending).toMatchObject([
      { status: "rejected", reason: { code: "RequestAlreadyResolved" } }
    ])
  })
})
