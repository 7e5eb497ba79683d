import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { seeded } from "../seeded.ts"
import { TcpProxy } from "./TcpProxy.ts"

/** Answers everything with itself. */
const echo = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined)
      socket.pipe(socket)
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return server
  }),
  (server) => Effect.sync(() => void server.close())
)

const proxied = Effect.gen(function* () {
  const server = yield* echo
  const proxy = yield* TcpProxy.open
  proxy.target = (server.address() as AddressInfo).port
  const socket = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true })
      await once(socket, "connect")
      return socket.on("error", () => undefined)
    }),
    (socket) => Effect.sync(() => void socket.destroy())
  )
  return { proxy, socket }
})

/** What comes until so much of it has come, or the connection has ended. */
const read = (socket: Socket, length: number) =>
  Effect.callback<string>((resume) => {
    let text = ""
    const done = () => {
      socket.off("data", onData).off("close", done)
      resume(Effect.succeed(text))
    }
    const onData = (chunk: Buffer) => {
      text += chunk.toString()
      if (text.length >= length) done()
    }
    socket.on("data", onData).on("close", done)
    if (socket.destroyed) done()
  })

const lines = Array.from({ length: 500 }, (_, i) => `line ${i}\n`)
const all = lines.join("")

describe("the proxy", () => {
  it.live("carries everything in order, with delays that change and darkness in between", () =>
    Effect.gen(function* () {
      const { proxy, socket } = yield* proxied
      const answer = yield* Effect.forkScoped(read(socket, all.length), { startImmediately: true })
      for (const [i, line] of lines.entries()) {
        if (i === 100) proxy.delay(20)
        if (i === 200) proxy.darken(true)
        if (i === 300) proxy.delay(0)
        socket.write(line)
      }
      proxy.darken(false)
      expect(yield* Fiber.join(answer)).toBe(all)
      expect(proxy.cuts).toBe(0)
    }).pipe(Effect.scoped)
  )

  it.live("cuts in the middle of an answer, and never hands on what comes behind", () =>
    Effect.gen(function* () {
      const { proxy, socket } = yield* proxied
      socket.write("one")
      expect(yield* read(socket, 3)).toBe("one")
      proxy.cutInAnswer(5)
      socket.write("two")
      expect(yield* read(socket, 3)).toBe("two")
      const ended = Effect.promise(() => once(socket, "end"))
      const end = yield* Effect.forkScoped(ended, { startImmediately: true })
      socket.write("three")
      expect(yield* read(socket, 2)).toBe("th")
      yield* Fiber.join(end)
      expect(proxy.cuts).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.live("cuts so many of its connections, and lets others in when it is calm", () =>
    Effect.gen(function* () {
      const { proxy, socket } = yield* proxied
      socket.write("one")
      yield* read(socket, 3)
      expect(proxy.cut(0, seeded(1, "cuts"))).toBe(0)
      expect(proxy.cut(100, seeded(1, "cuts"))).toBe(1)
      expect(yield* read(socket, 1)).toBe("")
      const again = connect({ port: proxy.port, host: "127.0.0.1" })
      again.write("two")
      expect(yield* read(again, 3)).toBe("two")
      again.destroy()
    }).pipe(Effect.scoped)
  )
})
