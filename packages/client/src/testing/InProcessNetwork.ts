/**
 * A network inside the process: real websockets and the server's real door, and between them, in place of TCP, two streams that the test
 * cuts wherever it likes, in the middle of a frame too. Bytes that were written and not read when it cuts are lost, in both directions.
 */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { createServer, type IncomingMessage } from "node:http"
import { Duplex } from "node:stream"
import type { SocketClass } from "../Environment.ts"

/** After how many bytes, in which direction, a connection is cut; `null` leaves it whole. */
export type Cut = { readonly direction: "up" | "down"; readonly bytes: number } | null

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** One end of a connection. What is written here is read at the other end, a tick later. */
class End extends Duplex {
  other: End | undefined
  /** Bytes that may still leave here; then everything is cut. */
  left = Number.POSITIVE_INFINITY
  #waiting: (() => void) | undefined

  override _read(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  override _write(chunk: Buffer, _encoding: string, written: (error?: Error | null) => void): void {
    setImmediate(() => {
      const { other } = this
      if (other === undefined || other.destroyed) return written(new Error("the connection was cut"))
      const goes = chunk.length > this.left ? chunk.subarray(0, this.left) : chunk
      this.left -= chunk.length
      const hasRoom = goes.length === 0 || other.push(goes)
      if (this.left < 0) return void this.destroy()
      if (hasRoom) written()
      else other.#waiting = written
    })
  }

  override _final(ended: () => void): void {
    this.other?.push(null)
    ended()
  }

  /** Either end tears the other one down. */
  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    destroyed(error)
    this.other?.destroy()
  }
}

export class InProcessNetwork {
  /** Where new connections go; `null`: nobody listens. */
  upgrade: Upgrade | null = null
  readonly #open = new Set<End>()
  readonly #http = createServer()

  constructor() {
    this.#http.on("upgrade", (request, socket, head) => {
      if (this.upgrade === null) socket.destroy()
      else this.upgrade(request, socket, head)
    })
    this.#http.on("clientError", (_error, socket) => socket.destroy())
  }

  /** A WebSocket class whose connections end as `next` says. */
  socketClass(next: () => Cut): SocketClass {
    const connect = () => this.#connect(next())
    return class extends WebSocket {
      constructor(url: string) {
        // The types of `ws` want a net.Socket; any stream does.
        super(url, { createConnection: connect as never, perMessageDeflate: false })
      }
    }
  }

  /** Cuts everything that is connected. */
  cutAll(): void {
    for (const end of Array.from(this.#open)) end.destroy()
  }

  /** Cuts nothing more by itself. */
  calm(): void {
    for (const end of this.#open) end.left = end.other!.left = Number.POSITIVE_INFINITY
  }

  #connect(cut: Cut): Duplex {
    const client = new End()
    const server = new End()
    client.other = server
    server.other = client
    if (cut !== null) (cut.direction === "up" ? client : server).left = cut.bytes
    for (const end of [client, server]) end.on("error", () => {})
    this.#open.add(client)
    client.on("close", () => this.#open.delete(client))
    this.#http.emit("connection", server)
    return client
  }
}
