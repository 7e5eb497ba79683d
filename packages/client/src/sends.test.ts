import { askOf, begun, created, ended, queued, requested, sent, threadId } from "@spillway/contracts/testing"
import { describe, expect, it } from "vitest"
import type { ThreadState } from "./ThreadState.ts"
import { accepted, commandIn, followed, rejected } from "./testing/fakeThread.ts"

const shown = ({ messages }: ThreadState) =>
  messages.map(({ messageId, parts }) => [
    messageId,
    parts.map((part) => "text" in part && part.text).join("")
  ])

describe("a send", () => {
  it("A13 shows at once, and is handed over to its events without a gap, a double or another id", async () => {
    const { server, socket, thread, id } = await followed([created])
    const sent = thread.send("hello", { messageId: askOf("t1"), turnId: "t1" })
    const states: Array<ThreadState> = [thread.state]
    thread.subscribe(() => states.push(thread.state))
    const command = commandIn(socket.takeSent())
    expect(command).toMatchObject({ type: "thread.turn.start", turnId: "t1", text: "hello" })
    expect(thread.state.pending).toMatchObject([{ status: "sending", command, reason: null }])
    expect(thread.view.activeTurnId).toBe("t1")

    const events = server.commits(...begun("t1").map((event) => withText(event, "hello")))
    // The server may tell of a commit in pieces.
    for (const event of events) socket.says(server.told(id, [event]))
    socket.says(accepted(command, server.events.length))
    expect(await sent.accepted).toMatchObject({ version: 4 })
    expect(thread.state.pending).toEqual([])
    expect(thread.view).toEqual(server.view)
    for (const state of states) {
      expect(shown(state)).toEqual([[askOf("t1"), "hello"]])
      expect(state.view.turns.map(({ status }) => status)).toEqual(["active"])
    }
  })

  it("A13 is handed over as well where the receipt arrives before the events", async () => {
    const { server, socket, thread, id } = await followed([created])
    thread.send("hello", { messageId: askOf("t1"), turnId: "t1" })
    const command = commandIn(socket.takeSent())
    const events = server.commits(...begun("t1"))
    socket.says(accepted(command, server.events.length))
    expect(thread.state.pending).toMatchObject([{ status: "accepted" }])
    expect(shown(thread.state)).toEqual([[askOf("t1"), "hello"]])
    socket.says(server.told(id, events))
    expect(thread.state.pending).toEqual([])
    expect(thread.view).toEqual(server.view)
  })

  it("A13 stays, with the reason, when it is rejected, until it is dismissed", async () => {
    const { socket, thread, server } = await followed([created, ...begun("t1")])
    const sent = thread.send("me too", { ifBusy: "reject" })
    socket.says(rejected(commandIn(socket.takeSent()), "TurnAlreadyActive"))
    const reason = { code: "TurnAlreadyActive", message: "It is TurnAlreadyActive." }
    await expect(sent.accepted).rejects.toMatchObject({ _tag: "CommandRejected", ...reason })
    expect(thread.state.pending).toMatchObject([{ commandId: sent.commandId, status: "rejected", reason }])
    const turn = thread.view.turns.at(-1)!
    expect(turn).toMatchObject({ turnId: sent.turnId, status: "failed", error: reason })
    expect(shown(thread.state).at(-1)).toEqual([sent.messageId, "me too"])
    // What the server says in the meantime does not make another turn of it.
    expect(thread.view.activeTurnId).toBe("t1")
    thread.dismiss(sent.commandId)
    expect(thread.state.pending).toEqual([])
    expect(thread.view).toEqual(server.view)
  })

  it("stays the same object while the thread goes on without it, once it was turned down", async () => {
    const { id, server, socket, thread } = await followed([created, ...begun("t1")])
    thread.send("me too", { ifBusy: "reject" })
    socket.says(rejected(commandIn(socket.takeSent()), "TurnAlreadyActive"))
    const before = thread.view.turns.at(-1)
    socket.says(server.told(id, server.commits(ended("t1"))))
    expect(thread.view.turns.at(-1)).toBe(before)
    expect(thread.state.messages.at(-1)).toBe(before?.messages[0])
  })

  it("is sent again as another command after a rejection, with the ids of its turn and its message", async () => {
    const { socket, thread, server, id } = await followed([created, ...begun("t1")])
    const sent = thread.send("me too", { ifBusy: "reject" })
    const first = commandIn(socket.takeSent())
    socket.says(rejected(first, "TurnAlreadyActive"))
    socket.says(server.told(id, server.commits(ended("t1"))))
    const again = thread.retry(sent.turnId)
    expect(again).toMatchObject({ commandId: sent.commandId, turnId: sent.turnId, messageId: sent.messageId })
    const second = commandIn(socket.takeSent())
    expect(second).toEqual({ ...first, commandId: second.commandId })
    expect(second.commandId).not.toBe(first.commandId)
    expect(thread.state.pending).toMatchObject([{ commandId: sent.commandId, status: "sending" }])
    socket.says(accepted(second, 9))
    expect(await again.accepted).toMatchObject({ version: 9 })
  })

  it("waits in the queue while another turn is active, and before it where it interrupts", async () => {
    const { socket, thread } = await followed([
      created,
      ...begun("t1"),
      requested("t2"),
      sent("t2"),
      queued("t2")
    ])
    thread.send("later", { turnId: "t3" })
    thread.send("now", { turnId: "t4", ifBusy: "interrupt" })
    expect(thread.view.queue).toEqual(["t4", "t2", "t3"])
    expect(thread.view.turns[0]).toMatchObject({ status: "active", interruptRequested: true })
    // One after the other.
    expect(commandIn(socket.takeSent())).toMatchObject({ turnId: "t3" })
  })

  it("that goes to the running turn is not shown a second time", async () => {
    const { id, server, socket, thread } = await followed([created, ...begun("t1")])
    thread.send("this way", { ifBusy: "steer", messageId: askOf("t2"), turnId: "t2" })
    const steering = commandIn(socket.takeSent())
    socket.says(server.told(id, server.commits(sent("t1", { messageId: askOf("t2"), text: "this way" }))))
    expect(shown(thread.state)).toEqual([
      [askOf("t1"), "ask t1"],
      [askOf("t2"), "this way"]
    ])
    socket.says(accepted(steering, server.events.length))
    expect(thread.view).toEqual(server.view)
  })

  it("survives a cut, and is sent again as the same command until it has a receipt", async () => {
    const { place, server, socket, thread } = await followed([created])
    const sent = thread.send("hello", { messageId: askOf("t1"), turnId: "t1" })
    const command = commandIn(socket.takeSent())
    // It was committed, and the receipt was lost.
    server.commits(...begun("t1"))
    socket.cuts()
    expect(thread.state).toMatchObject({ status: "behind", pending: [{ status: "sending" }] })
    place.passes(30_000)
    const next = await place.welcomes()
    const frames = next.takeSent()
    expect(commandIn(frames)).toEqual(command)
    const asked = frames.find((frame) => frame.type === "subscribe")!
    expect(asked.subscription).toEqual({
      to: "thread",
      threadId,
      from: { afterVersion: 1, logId: "log-1" }
    })
    next.says(accepted(command, 4), server.told(asked.id, server.events.slice(1)), server.caughtUp(asked.id))
    await sent.accepted
    expect(thread.state.pending).toEqual([])
    expect(thread.view).toEqual(server.view)
  })

  it("is sent again a little later where the server can't take it now", async () => {
    const { place, socket, thread } = await followed([created])
    thread.send("hello")
    const command = commandIn(socket.takeSent())
    const { commandId } = command
    for (const code of ["unavailable", "outcome-unknown"] as const) {
      socket.says({ type: "error", code, message: "Later.", retryable: true, commandId })
      expect(socket.takeSent()).toEqual([])
      expect(thread.state.pending).toMatchObject([{ status: "sending" }])
      place.passes(1_000)
      expect(commandIn(socket.takeSent())).toEqual(command)
    }
  })

  it("fails where the server refuses the command as such, and may be sent again as it is", async () => {
    const { socket, thread } = await followed([created])
    const sent = thread.send("hello")
    const command = commandIn(socket.takeSent())
    const { commandId } = command
    socket.says({ type: "error", code: "internal", message: "A bug.", retryable: false, commandId })
    await expect(sent.accepted).rejects.toMatchObject({ _tag: "CommandFailed", code: "internal" })
    expect(thread.view.turns.at(-1)).toMatchObject({ status: "failed", error: { code: "internal" } })
    thread.resend(sent.commandId)
    expect(commandIn(socket.takeSent())).toEqual(command)
  })

  it("that is too large is not sent, and says what the limit is", async () => {
    const { socket, thread } = await followed([created])
    const long = thread.send("x".repeat(80_001))
    await expect(long.accepted).rejects.toMatchObject({
      code: "text-too-long",
      message: expect.stringContaining("the limit is 80000")
    })
    const large = thread.update({ metadata: { note: "ü".repeat(600_000) } })
    await expect(large.accepted).rejects.toMatchObject({ code: "frame-too-large" })
    expect(socket.takeSent()).toEqual([])
    // Neither keeps what comes after it.
    thread.send("short")
    expect(commandIn(socket.takeSent())).toMatchObject({ text: "short" })
  })

  it("follows the delivery mode of the send, the thread or the client, whichever is nearest", async () => {
    const { client, socket, thread } = await followed([created], { deliveryMode: "paragraph" })
    const modes: Array<unknown> = []
    const send = (options = {}) => {
      thread.send("hello", options)
      const command = commandIn(socket.takeSent())
      modes.push("assistantDeliveryMode" in command ? command.assistantDeliveryMode : undefined)
      socket.says(accepted(command, 0))
    }
    send()
    thread.deliveryMode = "streaming"
    send()
    send({ mode: "buffered" })
    thread.deliveryMode = undefined
    client.deliveryMode = undefined
    send()
    expect(modes).toEqual(["paragraph", "streaming", "buffered", undefined])
  })
})

const withText = <E extends { readonly type: string; readonly data: object }>(event: E, text: string): E =>
  event.type === "thread.message-sent" ? { ...event, data: { ...event.data, text } } : event
