import { emptyThreadView, ThreadId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import type { ConnectionStatus } from "./Connection.ts"
import { Disconnected } from "./errors.ts"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { summaryOf } from "./testing/fakeThread.ts"

/** A client that has connected. */
const connected = async (options: Parameters<typeof clientIn>[1] = {}) => {
  const place = new FakePlace()
  const client = clientIn(place, options)
  const ready = client.ready()
  const socket = await place.welcomes()
  await ready
  return { place, client, socket }
}

const stateOf = (client: { connection: { state: ConnectionStatus } }) => client.connection.state.state

describe("a connection", () => {
  it("is opened when something is first asked of the server, and not before", () => {
    const place = new FakePlace()
    const client = clientIn(place)
    client.thread("t1")
    client.threads()
    expect(place.sockets).toEqual([])
    expect(stateOf(client)).toBe("idle")
    client.thread("t1").subscribe(() => {})
    client.threads().subscribe(() => {})
    expect(place.sockets.map(({ url }) => url)).toEqual(["ws://server/v1/ws"])
  })

  it("says hello with its token, and counts as connected from the welcome on", async () => {
    const { client, socket } = await connected({ token: "secret" })
    expect(socket.takeSent()[0]).toEqual({ type: "hello", protocol: "spillway.v1", token: "secret" })
    expect(client.connection.state).toEqual({
      state: "connected",
      logId: "log-1",
      server: "fake",
      defaultRuntime: "scripted"
    })
  })

  it("asks for the token before each connection where it is a function", async () => {
    let count = 0
    const { place, socket } = await connected({ token: () => Promise.resolve(`token-${++count}`) })
    expect(socket.takeSent()[0]).toMatchObject({ token: "token-1" })
    socket.cuts()
    place.passes(30_000)
    expect((await place.welcomes()).takeSent()[0]).toMatchObject({ token: "token-2" })
  })

  it("waits longer after each attempt that failed, at random, and starts over once a connection has lasted", async () => {
    const { client, place } = await connected()
    place.luck = 0.999
    const waits: Array<number> = []
    for (let attempt = 0; attempt < 9; attempt++) {
      place.socket.cuts()
      waits.push(Math.round(place.nextTimer! / 100) * 100)
      expect(client.connection.state).toMatchObject({ state: "waiting", attempt: attempt + 1 })
      place.passes(place.nextTimer!)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    place.luck = 0
    place.socket.cuts()
    expect(place.nextTimer).toBe(0)
    place.passes(0)
    place.luck = 0.999
    const socket = await place.welcomes()
    place.passes(10_000)
    socket.cuts()
    expect(place.nextTimer).toBeLessThanOrEqual(500)
  })

  it("says why it was lost, and tells a server that can't be reached from one that went away", async () => {
    const place = new FakePlace()
    const client = clientIn(place)
    client.threads().subscribe(() => {})
    place.socket.cuts()
    expect(client.connection.state).toMatchObject({
      reason:
        "The server at ws://server/v1/ws can't be reached, or does not let this page in (SPILLWAY_ALLOWED_ORIGINS)."
    })
    for (const [code, reason] of [
      [1001, "The server is going down, or starts again."],
      [4408, "The server waited too long for this client to take what it was sent."],
      [1006, "The connection was lost."]
    ] as const) {
      place.passes(30_000)
      const socket = await place.welcomes()
      socket.cuts(code)
      expect(client.connection.state).toMatchObject({ state: "waiting", reason })
    }
  })

  it("stops where the server does not let it in, tells everyone who waits, and tries again when it is told to", async () => {
    const place = new FakePlace()
    let token = "old"
    const client = clientIn(place, { token: () => token })
    const ready = client.ready()
    const loaded = client.thread("t1").until(({ status }) => status === "live")
    const { accepted } = client.thread("t1").send("hello")
    place.socket.opens()
    await Promise.resolve()
    place.socket.says({
      type: "error",
      code: "unauthorized",
      message: "The token is wrong.",
      retryable: false
    })
    place.socket.cuts(4401)
    const refused = new Disconnected("unauthorized", "The token is wrong.")
    await expect(ready).rejects.toEqual(refused)
    await expect(loaded).rejects.toEqual(refused)
    await expect(accepted).rejects.toMatchObject({ _tag: "CommandFailed", code: "unauthorized" })
    expect(client.connection.state).toEqual({ state: "refused", error: refused })
    expect(place.nextTimer).toBeNull()
    await expect(client.thread("t2").send("hello").accepted).rejects.toMatchObject({ code: "unauthorized" })
    expect(place.sockets).toHaveLength(1)

    token = "new"
    client.reconnect()
    const socket = await place.welcomes()
    expect(socket.takeSent()[0]).toMatchObject({ token: "new" })
    expect(stateOf(client)).toBe("connected")
  })

  it("stays closed for one who closes it on hearing that it was lost, or that it connects", async () => {
    for (const last of ["waiting", "connecting", "connected"] as const) {
      const place = new FakePlace()
      const client = clientIn(place)
      client.connection.subscribe(() => {
        if (stateOf(client) === last) client.close()
      })
      void client.ready().catch(() => {})
      if (last === "waiting") place.socket.cuts()
      if (last === "connected") await place.welcomes()
      expect([last, stateOf(client), place.nextTimer]).toEqual([last, "closed", null])
      place.passes(60_000)
      expect(place.sockets.filter(({ isClosed }) => !isClosed)).toEqual([])
    }
  })

  it("has one socket for one who connects anew on hearing that it was lost", async () => {
    for (const hears of ["connection", "thread"] as const) {
      const { client, place, socket } = await connected()
      let times = 0
      const onChange = () => {
        if (times > 0 || (hears === "connection" && stateOf(client) !== "waiting")) return
        times += 1
        client.reconnect()
      }
      const thread = client.thread("t1")
      thread.subscribe(() => {})
      const view = emptyThreadView(ThreadId.make("t1"))
      socket.says(
        { type: "snapshot", seq: 1, id: "s1", view: { ...view, version: 1 }, before: null },
        { type: "caught-up", id: "s1", version: 1 }
      )
      expect(thread.state.status).toBe("live")
      if (hears === "connection") client.connection.subscribe(onChange)
      else thread.subscribe(onChange)
      socket.cuts()
      expect([times, stateOf(client), place.sockets.length]).toEqual([1, "connecting", 2])
      await place.welcomes()
      place.passes(20_000)
      expect([stateOf(client), place.sockets.length]).toEqual(["connected", 2])
    }
  })

  it("takes what is sent while one who hears of a refusal connects anew with another token", async () => {
    const place = new FakePlace()
    let token = "old"
    const client = clientIn(place, { token: () => token })
    client.connection.subscribe(() => {
      if (stateOf(client) !== "refused") return
      token = "new"
      client.reconnect()
    })
    const { accepted, commandId } = client.thread("t1").send("hello")
    place.socket.opens()
    await Promise.resolve()
    place.socket.cuts(4401)
    const socket = await place.welcomes()
    const sent = socket.takeSent()
    expect(sent.at(-1)).toMatchObject({ type: "command", command: { commandId } })
    socket.says({
      type: "receipt",
      receipt: { status: "accepted", commandId, threadId: ThreadId.make("t1"), version: 2 }
    })
    await expect(accepted).resolves.toMatchObject({ version: 2 })
  })

  it("stops where the server does not speak its protocol", async () => {
    const place = new FakePlace()
    const client = clientIn(place)
    const ready = client.ready()
    place.socket.cuts(4406)
    await expect(ready).rejects.toMatchObject({ code: "unsupported-protocol" })
    expect(stateOf(client)).toBe("refused")
  })

  it("answers pings, and acks each frame that counts after it was read", async () => {
    const { client, socket } = await connected()
    const list = client.threads()
    const seen: Array<number> = []
    list.subscribe(() => seen.push(socket.acks().length))
    socket.takeSent()
    socket.says({ type: "ping" })
    expect(socket.takeSent()).toEqual([{ type: "pong" }])
    socket.says({ type: "snapshot", seq: 1, id: "s1", threads: [] })
    socket.says({ type: "threads", seq: 2, id: "no such subscription", threads: [] })
    expect(seen).toEqual([0])
    expect(socket.acks()).toEqual([1, 2])
  })

  it("sets no timer for what it reads, however much comes", async () => {
    const { client, place, socket } = await connected()
    client.threads().subscribe(() => {})
    const { timersSet } = place
    for (let seq = 1; seq <= 1_000; seq++) {
      socket.says({ type: "threads", seq, id: "s1", threads: [summaryOf(`t${seq % 7}`, { version: seq })] })
      if (seq % 100 === 0) socket.says({ type: "ping" })
    }
    expect(client.threads().state.threads).toHaveLength(7)
    expect(place.timersSet).toBe(timersSet)
  })

  it("leaves frames that it does not know or can't read", async () => {
    const { client, socket } = await connected()
    socket.says({ type: "fireworks" } as never, [] as never, null as never)
    expect(stateOf(client)).toBe("connected")
  })

  it("asks a silent server whether it is there, and connects anew when nothing comes", async () => {
    const { client, place, socket } = await connected()
    socket.takeSent()
    place.passes(20_000)
    socket.says({ type: "ping" })
    socket.takeSent()
    place.passes(29_000)
    expect(socket.takeSent()).toEqual([])
    place.passes(1_000)
    expect(socket.takeSent()).toEqual([{ type: "ping" }])
    place.passes(4_999)
    expect(socket.isClosed).toBe(false)
    place.passes(1)
    expect(socket.isClosed).toBe(true)
    expect(place.sockets).toHaveLength(2)
    expect(stateOf(client)).toBe("connecting")
  })

  it("takes anything that comes for an answer", async () => {
    const { client, place, socket } = await connected()
    place.passes(30_000)
    socket.says({ type: "ping" })
    place.passes(5_000)
    expect(stateOf(client)).toBe("connected")
    socket.takeSent()
    place.passes(25_000)
    expect(socket.takeSent()).toEqual([{ type: "ping" }])
  })

  it("asks as soon as the page wakes, and does not wait for the answer longer than five seconds", async () => {
    const { place, socket } = await connected()
    socket.takeSent()
    place.sleeps(3_600_000)
    place.wakes()
    place.wakes()
    expect(socket.takeSent()).toEqual([{ type: "ping" }])
    place.passes(5_000)
    expect(place.sockets).toHaveLength(2)
  })

  it("notices by the next frame that the machine slept, where nothing else tells of it", async () => {
    const { place, socket } = await connected()
    socket.takeSent()
    place.sleeps(600_000)
    socket.says({ type: "ping" })
    expect(socket.takeSent()).toEqual([{ type: "ping" }, { type: "pong" }])
    place.passes(5_000)
    expect(place.sockets).toHaveLength(2)
  })

  it("does not wait any longer when the page wakes or the network is back", async () => {
    const { client, place, socket } = await connected()
    place.luck = 0.9
    socket.cuts()
    expect(stateOf(client)).toBe("waiting")
    place.wakes()
    expect(stateOf(client)).toBe("connecting")
    expect(place.sockets).toHaveLength(2)
    // One that has been connecting since before the machine slept.
    place.sleeps(60_000)
    place.wakes()
    expect(place.sockets).toHaveLength(3)
  })

  it("gives up on a server that takes the connection and says nothing", async () => {
    const place = new FakePlace()
    const client = clientIn(place)
    client.threads().subscribe(() => {})
    place.socket.opens()
    place.passes(15_000)
    expect(client.connection.state).toMatchObject({
      state: "waiting",
      reason: "The server did not answer in time."
    })
  })

  it("tries again where the token can't be had", async () => {
    const place = new FakePlace()
    const client = clientIn(place, { token: () => Promise.reject(new Error("signed out")) })
    client.threads().subscribe(() => {})
    place.socket.opens()
    await new Promise((resolve) => setImmediate(resolve))
    expect(client.connection.state).toMatchObject({
      state: "waiting",
      reason: "The token could not be had: Error: signed out"
    })
  })

  it("leaves nothing behind when it is closed, and hears nothing any more", async () => {
    const { client, place, socket } = await connected()
    const thread = client.thread("t1")
    const left = thread.until(() => false)
    const { accepted } = thread.send("hello")
    client.close()
    client.close()
    expect(socket.isClosed).toBe(true)
    expect(place.nextTimer).toBeNull()
    await expect(left).rejects.toMatchObject({ _tag: "Disconnected", code: "client-closed" })
    await expect(accepted).rejects.toMatchObject({ _tag: "CommandFailed", code: "client-closed" })
    socket.cuts()
    place.wakes()
    client.reconnect()
    expect(place.sockets).toHaveLength(1)
    expect(stateOf(client)).toBe("closed")
  })
})
