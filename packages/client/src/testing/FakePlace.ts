/** A place to run a client in whose clock and sockets are the test's: nothing happens by itself. */
import type { ClientFrame, ServerFrame } from "@spillway/contracts"
import { PROTOCOL } from "@spillway/contracts/plain"
import { type ConnectOptions, makeClient, type SpillwayClient } from "../connect.ts"
import type { Environment, Fetch, Socket } from "../Environment.ts"

interface SocketEvent {
  readonly data: unknown
  readonly code: number
}

export class FakeSocket implements Socket {
  readonly url: string
  /** What the client sent and the test did not look at yet. */
  sent: Array<ClientFrame> = []
  /** The client closed it. */
  isClosed = false
  readonly #listeners = new Map<string, (event: SocketEvent) => void>()

  constructor(url: string) {
    this.url = url
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.set(type, listener)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }

  close(): void {
    this.isClosed = true
  }

  /** Everything the client sent since the last time, acks left out. */
  takeSent(): ReadonlyArray<ClientFrame> {
    const sent = this.sent.filter(({ type }) => type !== "ack")
    this.sent = []
    return sent
  }

  acks(): ReadonlyArray<number> {
    return this.sent.flatMap((frame) => (frame.type === "ack" ? [frame.seq] : []))
  }

  opens(): void {
    this.#listeners.get("open")?.({ data: "", code: 0 })
  }

  says(...frames: ReadonlyArray<ServerFrame>): void {
    for (const frame of frames) this.#listeners.get("message")?.({ data: JSON.stringify(frame), code: 0 })
  }

  cuts(code = 1006): void {
    this.#listeners.get("close")?.({ data: "", code })
  }
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

export class FakePlace implements Environment {
  readonly sockets: Array<FakeSocket> = []
  readonly fetched: Array<{ readonly url: string; readonly headers: Record<string, string> }> = []
  /** What `random` gives. */
  luck = 0.5
  answers: Fetch = () => Promise.reject(new Error("nothing is served here"))
  /** How often a timer was set. */
  timersSet = 0
  #now = Date.UTC(2026, 10, 20)
  readonly #timers = new Set<Timer>()
  readonly #wakers = new Set<() => void>()

  readonly openSocket = (url: string): Socket => {
    const socket = new FakeSocket(url)
    this.sockets.push(socket)
    return socket
  }

  readonly fetch: Fetch = (url, { headers }) => {
    this.fetched.push({ url, headers })
    return this.answers(url, { headers })
  }

  readonly now = () => this.#now
  readonly random = () => this.luck

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    this.timersSet += 1
    const timer = { at: this.#now + milliseconds, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  readonly onWake = (wake: () => void): (() => void) => {
    this.#wakers.add(wake)
    return () => void this.#wakers.delete(wake)
  }

  /** When the next timer runs, from now. Milliseconds; `null` when there is none. */
  get nextTimer(): number | null {
    const next = this.#next()
    return next === undefined ? null : next.at - this.#now
  }

  /** Time goes by, with the timers that fall into it. */
  passes(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at)
      this.#timers.delete(next)
      next.run()
    }
    this.#now = until
  }

  /** Time goes by and nothing runs: the machine slept, or the page was frozen. */
  sleeps(milliseconds: number): void {
    this.#now += milliseconds
  }

  wakes(): void {
    for (const wake of this.#wakers) wake()
  }

  /** The socket that was opened last. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!
  }

  /** The last socket opens, and the server says welcome. */
  async welcomes(logId = "log-1", subscriptions = 64): Promise<FakeSocket> {
    const { socket } = this
    socket.opens()
    // The token may be asked for.
    await Promise.resolve()
    socket.says({
      type: "welcome",
      protocol: PROTOCOL,
      logId,
      server: "fake",
      defaultRuntime: "scripted",
      limits: {
        frameBytes: 1024 * 1024,
        textLength: 80_000,
        subscriptions,
        creditEvents: 512,
        creditBytes: 262_144,
        stallSeconds: 30,
        helloSeconds: 10,
        commandsInFlight: 64,
        framesPerSecond: 1_000,
        frameBurst: 2_000,
        wrongFrames: 1_000,
        jsonDepth: 64,
        sockets: 4_096,
        streams: 1_024,
        requests: 1_024
      }
    })
    return socket
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0]
  }
}

export const clientIn = (place: FakePlace, options: Partial<ConnectOptions> = {}): SpillwayClient =>
  makeClient({ url: "ws://server", ...options }, place)
