import { asked, begun, created, ended, queued, requested, sent, threadId } from "@spillway/contracts/testing"
import { describe, expect, it } from "vitest"
import { accepted, commandIn, followed, rejected } from "./testing/fakeThread.ts"

describe("a thread's commands", () => {
  it("are what they are called, and show at once", async () => {
    const { socket, thread } = await followed([created, ...begun("t1"), asked("t1", "r1")])
    const given = [
      [() => thread.update({ title: "T" }), { type: "thread.update", title: "T" }],
      [() => thread.interrupt(), { type: "thread.turn.interrupt", turnId: "t1" }],
      [
        () => thread.respond("r1", { type: "input", answers: { q: "yes" } }),
        {
          type: "thread.request.respond",
          requestId: "r1",
          response: { type: "input", answers: { q: "yes" } }
        }
      ],
      [() => thread.archive(), { type: "thread.archive" }],
      [() => thread.unarchive(), { type: "thread.unarchive" }],
      [() => thread.create({ title: "New" }), { type: "thread.create", title: "New" }],
      [() => thread.delete(), { type: "thread.delete" }]
    ] as const
    for (const [give, command] of given) {
      const { commandId } = give()
      const onWire = commandIn(socket.takeSent())
      expect(onWire).toEqual({ ...command, commandId, threadId })
      expect(thread.state.pending).toMatchObject([{ commandId, status: "sending" }])
      if (command.type === "thread.update") expect(thread.view.title).toBe("T")
      if (command.type === "thread.archive") expect(thread.view.status).toBe("archived")
      if (command.type === "thread.delete") expect(thread.view.status).toBe("deleted")
      socket.says(accepted(onWire, 5))
      expect(thread.state.pending).toEqual([])
    }
  })

  it("go to the server one after the other, those of other threads beside them", async () => {
    const { client, socket, thread } = await followed([created])
    thread.send("one")
    thread.send("two")
    client.thread("other").send("three")
    const texts = () =>
      socket
        .takeSent()
        .flatMap((frame) => (frame.type === "command" ? [frame.command] : []))
        .map((command) => ("text" in command ? command.text : command.type))
    expect(thread.state.messages).toHaveLength(2)
    const [first] = socket.sent.flatMap((frame) => (frame.type === "command" ? [frame.command] : []))
    expect(texts()).toEqual(["one", "three"])
    socket.says(rejected(first!, "ThreadArchived"))
    expect(texts()).toEqual(["two"])
  })

  it("retry takes the last turn that failed or was interrupted, in its own place", async () => {
    const { socket, thread } = await followed([
      created,
      ...begun("t1"),
      ended("t1", "failed"),
      ...begun("t2"),
      ended("t2", "interrupted"),
      ...begun("t3"),
      ended("t3")
    ])
    const retried = thread.retry()
    expect(commandIn(socket.takeSent())).toMatchObject({ retryOf: "t2", turnId: retried.turnId })
    expect(thread.view.turns.find(({ turnId }) => turnId === "t2")).toMatchObject({
      retriedBy: retried.turnId
    })
    // The message that asked for it stands with the new attempt.
    expect(thread.state.messages.map(({ messageId }) => messageId)).toEqual(["t1/ask", "t3/ask", "t2/ask"])
    expect(retried.messageId).toBe("t2/ask")
  })

  it("steer sends to the active turn, and what comes too late becomes a turn of its own", async () => {
    const { socket, thread } = await followed([created, ...begun("t1")])
    const steered = thread.steer("this way")
    expect(steered.turnId).toBe("t1")
    expect(thread.view.turns[0]!.messages).toHaveLength(2)
    const steer = commandIn(socket.takeSent())
    expect(steer).toMatchObject({ type: "thread.turn.steer", turnId: "t1", text: "this way" })
    socket.says(rejected(steer, "TurnNotActive"))
    const start = commandIn(socket.takeSent())
    expect(start).toMatchObject({
      type: "thread.turn.start",
      messageId: steered.messageId,
      turnId: "nextTurnId" in steer ? steer.nextTurnId : ""
    })
    expect(start.commandId).not.toBe(steer.commandId)
    socket.says(accepted(start, 9))
    expect(await steered.accepted).toMatchObject({ version: 9 })
  })

  it("steer is a send where no turn is active", async () => {
    const { socket, thread } = await followed([created])
    thread.steer("hello")
    expect(commandIn(socket.takeSent())).toMatchObject({ type: "thread.turn.start", text: "hello" })
  })

  it("say so where there is nothing to do", async () => {
    const { socket, thread } = await followed([created])
    const nothing = { _tag: "CommandFailed", code: "nothing-to-do" }
    await expect(thread.interrupt().accepted).rejects.toMatchObject(nothing)
    await expect(thread.retry().accepted).rejects.toMatchObject(nothing)
    await expect(thread.resend("unknown").accepted).rejects.toMatchObject(nothing)
    expect(socket.takeSent()).toEqual([])
  })

  it("interrupt takes a waiting turn out of the queue", async () => {
    const { thread } = await followed([created, ...begun("t1"), requested("t2"), sent("t2"), queued("t2")])
    thread.interrupt("t2")
    expect(thread.view.queue).toEqual([])
    expect(thread.view.turns[1]).toMatchObject({ status: "interrupted" })
    expect(thread.view.activeTurnId).toBe("t1")
  })

  it("keep no more than a hundred that were turned down and that nobody dismissed", async () => {
    const { socket, thread } = await followed([created])
    for (let i = 0; i < 105; i++) {
      thread.archive()
      socket.says(rejected(commandIn(socket.takeSent()), "TurnAlreadyActive"))
    }
    expect(thread.state.pending).toHaveLength(100)
  })
})

describe("waiting", () => {
  it("until resolves with the state that fits, now or later", async () => {
    const { id, server, socket, thread } = await followed([created, ...begun("t1")])
    expect(await thread.until(({ view }) => view.activeTurnId === "t1")).toBe(thread.state)
    const idle = thread.until(({ view }) => view.activeTurnId === null)
    const turn = thread.ended("t1")
    socket.says(server.told(id, server.commits(ended("t1", "failed"))))
    expect((await idle).view).toEqual(server.view)
    expect(await turn).toMatchObject({ turnId: "t1", status: "failed", error: { code: "Broken" } })
  })

  it("states gives the state now and then the last one, and ends with the client", async () => {
    const { client, id, server, socket, thread } = await followed([created])
    const seen: Array<number> = []
    const reading = (async () => {
      for await (const { view } of thread.states()) seen.push(view.version)
    })()
    await new Promise((resolve) => setImmediate(resolve))
    for (const event of server.commits(...begun("t1"))) socket.says(server.told(id, [event]))
    await new Promise((resolve) => setImmediate(resolve))
    client.close()
    await reading
    expect(seen[0]).toBe(1)
    expect(seen.at(-1)).toBe(4)
    expect(seen.length).toBeLessThan(5)
  })

  it("states can be left while it waits", async () => {
    const { thread } = await followed([created])
    const states = thread.states()
    await states.next()
    const waiting = states.next()
    await states.return!()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it("states answers those who ask at once one after the other", async () => {
    const { id, server, socket, thread } = await followed([created])
    const states = thread.states()
    await states.next()
    const asked = [states.next(), states.next()]
    for (const event of server.commits(...begun("t1"))) {
      socket.says(server.told(id, [event]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const versions = (await Promise.all(asked)).map(({ value }) => value?.view.version)
    expect(versions).toEqual([2, 3])
  })

  it("a listener that throws keeps nothing from the others", async () => {
    const { id, server, socket, thread } = await followed([created])
    const thrown: Array<unknown> = []
    const catching = (error: unknown) => thrown.push(error)
    const before = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException")
    process.on("uncaughtException", catching)
    try {
      let heard = 0
      thread.subscribe(() => {
        throw new Error("a bug of the page")
      })
      thread.subscribe(() => heard++)
      socket.says(server.told(id, server.commits(...begun("t1"))))
      expect(heard).toBe(1)
      expect(socket.acks()).toContain(2)
      await new Promise((resolve) => setImmediate(resolve))
      expect(thrown).toMatchObject([{ message: "a bug of the page" }])
    } finally {
      process.off("uncaughtException", catching)
      for (const listener of before) process.on("uncaughtException", listener)
    }
  })
})

describe("older turns", () => {
  const withOlder = async () => {
    const set = await followed([created, ...begun("t9"), ended("t9")], { token: "secret" })
    const { id, server, socket, thread } = set
    socket.says({ ...server.snapshot(id, "t9") })
    expect(thread.state.hasOlder).toBe(true)
    return set
  }

  it("are read over HTTP, before the ones that are there", async () => {
    const { place, thread } = await withOlder()
    const turn = thread.view.turns[0]!
    const older = [{ ...turn, turnId: "t7" }, { ...turn, turnId: "t8" }, turn]
    place.answers = () =>
      Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve({ turns: older, next: null }) })
    const version = thread.view.version
    const [first, second] = [thread.loadOlder(3), thread.loadOlder(3)]
    expect([await first, await second]).toEqual([true, true])
    expect(place.fetched).toEqual([
      {
        url: "http://server/v1/threads/thread/turns?limit=3&before=t9",
        headers: { authorization: "Bearer secret" }
      }
    ])
    expect(thread.view.turns.map(({ turnId }) => turnId)).toEqual(["t7", "t8", "t9"])
    expect(thread.state).toMatchObject({ hasOlder: false, view: { version } })
    expect(await thread.loadOlder()).toBe(false)
  })

  it("that never come are given up, and may be asked for again", async () => {
    const { place, thread } = await withOlder()
    place.answers = () => new Promise(() => {})
    const asked = thread.loadOlder()
    place.passes(30_000)
    await expect(asked).rejects.toThrow("Older turns did not come within 30 seconds: try again.")
    place.answers = () =>
      Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve({ turns: [], next: null }) })
    expect(await thread.loadOlder()).toBe(false)
    expect(thread.state.hasOlder).toBe(false)
  })

  it("fail with the server's words, and change nothing", async () => {
    const { place, thread } = await withOlder()
    const before = thread.state
    place.answers = () =>
      Promise.resolve({
        ok: false,
        status: 401,
        json: () => Promise.resolve({ detail: "The token is wrong." })
      })
    await expect(thread.loadOlder()).rejects.toMatchObject({
      _tag: "OlderTurnsFailed",
      message: "The token is wrong."
    })
    place.answers = () => Promise.reject(new Error("no network"))
    await expect(thread.loadOlder()).rejects.toThrow("Older turns could not be read from http://server")
    expect(thread.state).toBe(before)
  })
})
