import { describe, expect, it } from "@effect/vitest"
import { PROTOCOL } from "@spillway/contracts"
import { Effect } from "effect"
import { WebSocket } from "@effect/platform-node/NodeWS"
import { rawSocket } from "../../testing/rawSocket.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { Listener } from "../Listener.ts"

const upgrade = (...headers: ReadonlyArray<string>) =>
  [
    "GET /v1/ws HTTP/1.1",
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "",
    ""
  ].join("\r\n")

/** A frame under a mask of zeros; `said` is what its header says of its length. */
const frame = (first: number, payload: Buffer | string = "", said?: number): Buffer => {
  const bytes = Buffer.from(payload)
  const length = said ?? bytes.length
  const head = Buffer.alloc(length < 126 ? 2 : 10)
  head[0] = first
  if (length < 126) head[1] = 0x80 | length
  else {
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, Buffer.alloc(4), bytes])
}

const FIN = 0x80
const TEXT = 1
describe("E7 what breaks the websocket protocol itself", () => {
  for (const { bytes, code, name } of [
    { name: "a frame without a mask", bytes: Buffer.from([FIN | TEXT, 2, 0x7b, 0x7d]), code: 1002 },
    { name: "a compressed frame", bytes: frame(FIN | 0x40 | TEXT, "{}"), code: 1002 },
    { name: "a kind of frame that there is not", bytes: frame(FIN | 3, "{}"), code: 1002 },
    { name: "the continuation of nothing", bytes: frame(FIN, "{}"), code: 1002 },
    { name: "a ping of 126 bytes", bytes: frame(FIN | 9, Buffer.alloc(126)), code: 1002 },
    { name: "text that is no UTF-8", bytes: frame(FIN | TEXT, Buffer.from([0xff, 0xfe])), code: 1007 },
    { name: "the header of a frame of 5 MiB", bytes: frame(FIN | TEXT, "", 5 * 1024 * 1024), code: 1009 },
    {
      name: "a frame in ten thousand pieces",
      bytes: Buffer.concat(Array.from({ length: 10_000 }, (_, i) => frame(i === 0 ? TEXT : 0, "x"))),
      code: 1008
    }
  ]) {
    it.live(`E7 ${name} closes that socket with ${code}, and no other`, () =>
      Effect.gen(function* () {
        const other = yield* connectHere()
        const { port } = yield* Listener
        const closed = yield* Effect.callback<number>((resume) => {
          const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`)
          socket.on("error", () => {})
          socket.once("message", () => {
            // Below the client's own frames.
            ;(
              socket as unknown as { readonly _socket: { readonly write: (bytes: Buffer) => void } }
            )._socket.write(bytes)
          })
          socket.once("close", (code) => resume(Effect.succeed(code)))
          socket.once("open", () => socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL })))
        })
        expect(closed).toBe(code)
        yield* other.send({ type: "ping" })
        yield* other.expect("pong")
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
    )
  }

  it.live("E7 compression is not agreed on, whoever offers it", () =>
    Effect.gen(function* () {
      const { heard, write } = yield* rawSocket()
      yield* write(upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
      while (!heard().includes("\r\n\r\n")) yield* Effect.yieldNow
      expect(heard()).toMatch(/^HTTP\/1\.1 101 /)
      expect(heard()).not.toMatch(/sec-websocket-extensions/i)
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )

  it.live("E7 an upgrade that is none gets 400 and what is wrong with it", () =>
    Effect.gen(function* () {
      const { untilClosed, write } = yield* rawSocket()
      yield* write(upgrade().replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 7"))
      const answer = yield* untilClosed
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(answer).toContain('"code":"request-invalid"')
    }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
  )
})
