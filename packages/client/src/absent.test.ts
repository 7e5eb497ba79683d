import { created, threadId } from "@spillway/contracts/testing"
import { describe, expect, it } from "vitest"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { accepted, commandIn, FakeThread, rejected, subscriptionIn, summaryOf } from "./testing/fakeThread.ts"

const notFound = (id: string) =>
  ({ type: "error", code: "thread-not-found", message: "No.", retryable: false, id }) as const

describe("a thread that is not there", () => {
  it("is created by the first send", async () => {
    const place = new FakePlace()
    const thread = clientIn(place).thread(threadId)
    thread.subscribe(() => {})
    const socket = await place.welcomes()
    socket.says(notFound(subscriptionIn(socket)))
    expect(thread.state.status).toBe("absent")
    socket.takeSent()

    const sent = thread.send("hello", { turnId: "t1" })
    expect(thread.state.messages).toMatchObject([{ messageId: sent.messageId }])
    const create = commandIn(socket.takeSent())
    expect(create).toMatchObject({ type: "thread.create", threadId })
    socket.says(accepted(create, 1))
    const frames = socket.takeSent()
    expect(frames).toMatchObject([
      { type: "subscribe", subscription: { to: "thread", threadId, from: "snapshot" } },
      { type: "command", command: { type: "thread.turn.start", turnId: "t1" } }
    ])
  })

  it("is created at once where its id is the client's own, and nobody is asked for it before", async () => {
    const place = new FakePlace()
    const thread = clientIn(place).thread()
    thread.subscribe(() => {})
    expect(thread.state.status).toBe("absent")
    const socket = await place.welcomes()
    expect(socket.takeSent()).toMatchObject([{ type: "hello" }])
    thread.send("one")
    thread.send("two")
    const create = commandIn(socket.takeSent())
    expect(create).toMatchObject({ type: "thread.create", threadId: thread.id })
    socket.says(accepted(create, 1))
    const start = commandIn(socket.takeSent())
    expect(start).toMatchObject({ type: "thread.turn.start", text: "one" })
    socket.says(accepted(start, 4))
    // Created once.
    expect(commandIn(socket.takeSent())).toMatchObject({ type: "thread.turn.start", text: "two" })
  })

  it("is created where only the rejection of a send tells that it is not there", async () => {
    const place = new FakePlace()
    const thread = clientIn(place).thread(threadId)
    const sent = thread.send("hello")
    const socket = await place.welcomes()
    const start = commandIn(socket.takeSent())
    expect(start.type).toBe("thread.turn.start")
    socket.says(rejected(start, "ThreadNotFound"))
    const create = commandIn(socket.takeSent())
    // Somebody else was quicker.
    socket.says(rejected(create, "ThreadAlreadyExists"))
    const again = commandIn(socket.takeSent())
    expect(again).toEqual({ ...start, commandId: again.commandId })
    expect(again.commandId).not.toBe(start.commandId)
    expect(thread.state.pending).toMatchObject([{ commandId: sent.commandId, status: "sending" }])
    socket.says(rejected(again, "ThreadNotFound"))
    await expect(sent.accepted).rejects.toMatchObject({ code: "ThreadNotFound" })
  })

  it("is followed as soon as somebody else creates it", async () => {
    const place = new FakePlace()
    const thread = clientIn(place).thread(threadId)
    thread.subscribe(() => {})
    const socket = await place.welcomes()
    socket.says(notFound(subscriptionIn(socket)))
    const list = subscriptionIn(socket)
    const server = new FakeThread()
    server.commits(created)
    socket.says({ type: "threads", seq: 1, id: list, threads: [summaryOf(threadId)] })
    const id = subscriptionIn(socket)
    socket.says(server.snapshot(id), server.caughtUp(id))
    expect(thread.state.status).toBe("live")
    await Promise.resolve()
    expect(socket.takeSent()).toMatchObject([{ type: "unsubscribe", id: list }])
  })
})
