/** A host of runtimes for tests, on the bare wire: what it gets is put in a queue, in order, and taken from there. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import {
  type HostFrame,
  RUNTIME_PROTOCOL,
  RUNTIME_WEBSOCKET_PATH,
  type RuntimeOffer,
  type RuntimeServerFrame,
  type RuntimeServerFrameOf
} from "@spillway/contracts/runtime-protocol"
import { type Cause, Effect, Fiber, Option, Queue } from "effect"
import { Listener } from "../doors/Listener.ts"
import { RUNTIME_TOKEN } from "./RemoteServer.ts"

export type SessionName = Pick<RuntimeServerFrameOf<"start">, "sessionId" | "generation">

export interface TestHost {
  readonly socket: WebSocket
  readonly send: (frame: HostFrame | Record<string, unknown> | string | Buffer) => void
  /** Reports of a session, numbered from `first` on. */
  readonly report: (
    session: SessionName,
    first: number,
    ...events: ReadonlyArray<Record<string, unknown>>
  ) => void
  readonly next: Effect.Effect<RuntimeServerFrame, Cause.Done>
  /** Takes frames until one is of this type, and fits. */
  readonly until: <T extends RuntimeServerFrame["type"]>(
    type: T,
    fits?: (frame: RuntimeServerFrameOf<T>) => boolean
  ) => Effect.Effect<RuntimeServerFrameOf<T>, Cause.Done>
  readonly closed: Effect.Effect<{ readonly code: number; readonly reason: string }>
}

export interface TestHostOptions {
  readonly headers?: Record<string, string>
  readonly token?: string | null
  /** `false` leaves hello to the test. */
  readonly hello?: boolean
  readonly runtimes?: ReadonlyArray<RuntimeOffer>
  readonly sessions?: ReadonlyArray<SessionName>
  readonly id?: string
  /** Where it connects to; absent: to the server itself. */
  readonly address?: string
}

export const own: RuntimeOffer = { name: "own", announcesSteps: true }

export const connectHost = Effect.fnUntraced(function* ({
  address: to,
  id,
  headers = {},
  hello = true,
  runtimes = [own],
  sessions = [],
  token = RUNTIME_TOKEN
}: TestHostOptions = {}) {
  const address = to ?? Option.getOrThrow(yield* Effect.serviceOption(Listener)).address
  const frames = yield* Queue.unbounded<RuntimeServerFrame, Cause.Done>()
  const socket = yield* Effect.acquireRelease(
    Effect.callback<WebSocket, number>((resume) => {
      const socket = new WebSocket(`ws://${address}${RUNTIME_WEBSOCKET_PATH}`, { headers })
      socket.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString("utf8")) as RuntimeServerFrame
        if (frame.type !== "ping") Queue.offerUnsafe(frames, frame)
      })
      socket.on("close", () => Queue.endUnsafe(frames))
      socket.on("error", () => {})
      socket.once("open", () => resume(Effect.succeed(socket)))
      socket.once("unexpected-response", (_, { statusCode = 0 }) => resume(Effect.fail(statusCode)))
      socket.once("close", () => resume(Effect.fail(0)))
    }),
    (socket) => Effect.sync(() => socket.terminate())
  )
  const closed = yield* Effect.callback<{ code: number; reason: string }>((resume) => {
    socket.once("close", (code, reason) => resume(Effect.succeed({ code, reason: reason.toString() })))
  }).pipe(Effect.forkScoped({ startImmediately: true }))
  const send: TestHost["send"] = (frame) =>
    socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  const next = Queue.take(frames)
  const until: TestHost["until"] = Effect.fnUntraced(function* (type, fits = () => true) {
    while (true) {
      const frame = (yield* next) as RuntimeServerFrameOf<typeof type>
      if (frame.type === type && fits(frame)) return frame
    }
  })
  const host: TestHost = {
    socket,
    send,
    report: ({ generation, sessionId }, first, ...events) =>
      send({
        type: "events",
        sessionId,
        generation,
        events: events.map((event, i) => ({ sourceSequence: first + i, ...event }))
      }),
    next,
    until,
    closed: Fiber.join(closed)
  }
  if (hello) {
    send({
      type: "hello",
      protocol: RUNTIME_PROTOCOL,
      ...(token !== null && { token }),
      ...(id !== undefined && { host: id }),
      runtimes,
      sessions
    })
    yield* host.until("welcome")
  }
  return host
})

export const delta = (text: string, itemId = "item") => ({
  type: "text.delta",
  itemId,
  kind: "text",
  delta: text
})
