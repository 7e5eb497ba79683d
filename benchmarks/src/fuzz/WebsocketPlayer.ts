/** Plays the inputs of websockets: sends them, and waits for what must come of them, up to a `pong` to a last `ping`. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { CloseCode, PROTOCOL, ServerFrame, WEBSOCKET_PATH } from "@spillway/contracts"
import { Exit, Schema } from "effect"
import { connect } from "node:net"
import type { Finding } from "./Finding.ts"
import type { FuzzInput, OutFrame } from "./inputs.ts"
import { Awaited, expectedOf } from "./oracle.ts"

const decode = Schema.decodeUnknownExit(ServerFrame)

/** A socket on which so many frames were wrong is left for another one: the server would close it before long. */
const WRONG_FRAMES = 800

const HELLO = JSON.stringify({ type: "hello", protocol: PROTOCOL })

type Report = (kind: Finding["kind"], message: string) => void

export class WebsocketPlayer {
  readonly #port: number
  /** Milliseconds that an answer may take. */
  readonly #patience: number
  #socket: WebSocket | null = null
  #wrong = 0
  #onFrame: (frame: ServerFrame) => void = () => {}
  #report: Report = () => {}
  /** Answers to commands, by status, and errors, by code, over all inputs. */
  readonly receipts = new Map<string, number>()
  readonly errors = new Map<string, number>()

  constructor(port: number, patience: number) {
    this.#port = port
    this.#patience = patience
  }

  async play(input: Extract<FuzzInput, { door: "websocket" | "hello" }>, report: Report): Promise<void> {
    this.#report = report
    if (input.door === "hello") return this.#playHello(input.frames)
    this.#socket ??= await this.#open(true)
    if (this.#socket === null) return
    await this.#playFrames(this.#socket, input.frames)
    if (this.#wrong >= WRONG_FRAMES) this.close()
  }

  close(): void {
    this.#socket?.terminate()
    this.#socket = null
    this.#wrong = 0
  }

  async #playFrames(socket: WebSocket, frames: ReadonlyArray<OutFrame>): Promise<void> {
    const awaited = new Awaited()
    const subscriptions = new Set<string>()
    for (const frame of frames) {
      const expected = expectedOf(frame)
      awaited.expect(expected)
      if (expected.kind === "subscribed") subscriptions.add(expected.id)
      if (expected.kind === "error") this.#wrong += 1
      if (expected.kind === "closed") break
    }
    awaited.expect({ kind: "pong" })
    const code = await this.#until(socket, awaited, () => {
      for (const frame of frames) sendFrame(socket, frame)
      socket.send('{"type":"ping"}')
    })
    if (code === undefined) {
      // So that the next input begins without what this one follows.
      for (const id of subscriptions) socket.send(JSON.stringify({ type: "unsubscribe", id }))
      return
    }
    this.close()
    if (code === null)
      this.#report("silence", `Still to come after ${this.#patience} ms: ${awaited.missing}.`)
    else if (code !== awaited.closes) this.#report("answer", `The socket closed with ${code}.`)
  }

  /** The first frame is wrong, or is hello after all: whatever it is, the server says so and closes, or goes on. */
  async #playHello(frames: ReadonlyArray<OutFrame>): Promise<void> {
    const socket = await this.#open(false)
    if (socket === null) return
    const closed = new Promise<number>((resolve) => socket.once("close", resolve))
    // A server that took the first one as hello goes on, and leaving is the client's part.
    this.#onFrame = (frame) => frame.type === "welcome" && socket.close(1000)
    for (const frame of frames) sendFrame(socket, frame)
    const code = await within(closed, this.#patience)
    if (code === null) this.#report("silence", "The first frame was not hello, and nothing came of it.")
    const allowed = [1000, 1007, 1009, CloseCode.helloExpected, CloseCode.unsupportedProtocol, 1005]
    if (code !== null && !allowed.includes(code)) this.#report("answer", `The socket closed with ${code}.`)
    socket.terminate()
  }

  /** `undefined` once nothing is missing, the code where the socket closes before, `null` when it takes too long. */
  async #until(socket: WebSocket, awaited: Awaited, send: () => void): Promise<number | null | undefined> {
    const over = new Promise<number | undefined>((resolve) => {
      const onClose = (code: number) => resolve(code)
      socket.once("close", onClose)
      this.#onFrame = (frame) => {
        awaited.came(frame)
        if (!awaited.isOver || awaited.closes !== null) return
        socket.off("close", onClose)
        resolve(undefined)
      }
      send()
    })
    return within(over, this.#patience)
  }

  #open(hello: boolean): Promise<WebSocket | null> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}${WEBSOCKET_PATH}`, {
      perMessageDeflate: false
    })
    socket.on("error", () => {})
    socket.on("message", (data: Buffer) => this.#receive(socket, data))
    const opened = new Promise<WebSocket>((resolve) => {
      socket.once("open", () => {
        if (!hello) return resolve(socket)
        this.#onFrame = (frame) => frame.type === "welcome" && resolve(socket)
        socket.send(HELLO)
      })
    })
    return within(opened, this.#patience).then((socket) => {
      if (socket === null) this.#report("silence", "The server lets no websocket in.")
      return socket
    })
  }

  #receive(socket: WebSocket, data: Buffer): void {
    const text = data.toString("utf8")
    const decoded = decode(JSON.parse(text))
    if (Exit.isFailure(decoded))
      return this.#report("answer", `No frame of the protocol: ${text.slice(0, 500)}`)
    const frame = decoded.value
    if (frame.type === "receipt") count(this.receipts, frame.receipt.status)
    if (frame.type === "error") {
      count(this.errors, frame.code)
      if (frame.code === "internal") this.#report("failure", text.slice(0, 500))
    }
    if (frame.type === "ping") socket.send('{"type":"pong"}')
    if ("seq" in frame) socket.send(JSON.stringify({ type: "ack", seq: frame.seq }))
    this.#onFrame(frame)
  }
}

const count = (counts: Map<string, number>, key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1)

/** Bytes below the frames: whatever they are, the connection ends once the client has no more to say. */
export const playWire = async (
  port: number,
  bytes: Buffer,
  patience: number,
  report: Report
): Promise<void> => {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  socket.resume()
  const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(true)))
  const upgrade = [
    `GET ${WEBSOCKET_PATH} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    ""
  ].join("\r\n")
  socket.write(upgrade)
  socket.end(Buffer.concat([helloBytes, bytes]))
  if ((await within(closed, patience)) === null)
    report("silence", "The connection was left open behind bytes that are no frame.")
  socket.destroy()
}

const helloBytes = Buffer.concat([Buffer.from([0x81, 0x80 | HELLO.length, 0, 0, 0, 0]), Buffer.from(HELLO)])

export const sendFrame = (socket: WebSocket, { binary, data, pieces }: OutFrame): void => {
  if (pieces === 1) return socket.send(data, { binary })
  const bytes = Buffer.from(data)
  const size = Math.ceil(bytes.length / pieces)
  for (let i = 0; i < pieces; i++) {
    socket.send(bytes.subarray(i * size, (i + 1) * size), { binary, fin: i === pieces - 1 })
  }
}

/** `null` when it takes longer. */
export const within = async <A>(promise: Promise<A>, milliseconds: number): Promise<A | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), milliseconds)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
