/**
 * A websocket client for tests: what it gets is put in a queue, in order, and taken from there. It acks what it takes, unless told not
 * to, and answers no ping by itself.
 */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { type ClientFrame, PROTOCOL, type ServerFrame } from "@spillway/contracts"
import { type Cause, Effect, Fiber, Queue, Schema, type Scope } from "effect"

export interface ConnectOptions {
  readonly url: string
  readonly headers?: Record<string, string>
  /** `false` leaves hello to the test. */
  readonly hello?: boolean
  readonly token?: string
  /** `false`: never acks by itself. */
  readonly acks?: boolean
  /** `false`: does not answer the websocket's own pings either. */
  readonly pongs?: boolean
}

/** The server did not upgrade. */
export class UpgradeRefused extends Schema.TaggedError<UpgradeRefused>()("UpgradeRefused", {
  status: Schema.Int,
  body: Schema.String
}) {}

export type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { readonly type: T }>

export interface TestClient {
  readonly socket: WebSocket
  readonly send: (frame: ClientFrame | Record<string, unknown> | string) => Effect.Effect<void>
  /** The next frame, pings left out. */
  readonly next: Effect.Effect<ServerFrame, Cause.Done>
  /** The next frame, which must be of this type. */
  readonly expect: <T extends ServerFrame["type"]>(type: T) => Effect.Effect<FrameOf<T>, Cause.Done>
  /** Takes frames until one fits, which is the last one given. */
  readonly until: (
    fits: (frame: ServerFrame) => boolean
  ) => Effect.Effect<ReadonlyArray<ServerFrame>, Cause.Done>
  /** How the server closed it. */
  readonly closed: Effect.Effect<{ readonly code: number; readonly reason: string }>
}

export const connect = (options: ConnectOptions): Effect.Effect<TestClient, UpgradeRefused, Scope.Scope> =>
  Effect.gen(function* () {
    const frames = yield* Queue.unbounded<ServerFrame, Cause.Done>()
    const socket = yield* open(options, frames)
    const closed = yield* Effect.callback<{ code: number; reason: string }>((resume) => {
      socket.once("close", (code, reason) => resume(Effect.succeed({ code, reason: reason.toString() })))
    }).pipe(Effect.forkScoped({ startImmediately: true }))

    const send: TestClient["send"] = (frame) =>
      Effect.sync(() => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)))
    const next = Effect.tap(Queue.take(frames), (frame) =>
      options.acks !== false && "seq" in frame ? send({ type: "ack", seq: frame.seq }) : Effect.void
    )
    const until: TestClient["until"] = Effect.fnUntraced(function* (fits) {
      const taken: Array<ServerFrame> = []
      while (true) {
        const frame = yield* next
        taken.push(frame)
        if (fits(frame)) return taken
      }
    })
    const client: TestClient = {
      socket,
      send,
      next,
      until,
      expect: (type) =>
        Effect.flatMap(next, (frame) =>
          frame.type === type
            ? Effect.succeed(frame as FrameOf<typeof type>)
            : Effect.die(new Error(`expected ${type} and got ${JSON.stringify(frame).slice(0, 400)}`))
        ),
      closed: Fiber.join(closed)
    }
    if (options.hello !== false) {
      const { token } = options
      yield* send({ type: "hello", protocol: PROTOCOL, ...(token !== undefined && { token }) })
      yield* Effect.orDie(client.expect("welcome"))
    }
    return client
  })

const open = (options: ConnectOptions, frames: Queue.Queue<ServerFrame, Cause.Done>) =>
  Effect.acquireRelease(
    Effect.callback<WebSocket, UpgradeRefused>((resume) => {
      const socket = new WebSocket(options.url, {
        headers: options.headers ?? {},
        autoPong: options.pongs ?? true
      })
      socket.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString("utf8")) as ServerFrame
        if (frame.type !== "ping") Queue.offerUnsafe(frames, frame)
      })
      socket.on("close", () => Queue.endUnsafe(frames))
      socket.on("error", () => {})
      socket.once("open", () => resume(Effect.succeed(socket)))
      socket.once("unexpected-response", (_request, response) => {
        let body = ""
        response.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")))
        response.on("end", () =>
          resume(Effect.fail(new UpgradeRefused({ status: response.statusCode ?? 0, body })))
        )
      })
    }),
    (socket) => Effect.sync(() => socket.terminate())
  )
