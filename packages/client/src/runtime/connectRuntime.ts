/** Runs turns of a Spillway server in this process: each of its runtimes is an async generator. */
import { RUNTIME_WEBSOCKET_PATH } from "@spillway/contracts/plain"
import type { RuntimeLimits, RuntimeOffer, RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"
import { addressOf } from "../address.ts"
import { environment, type Environment } from "../Environment.ts"
import { newId } from "../newId.ts"
import { HostConnection } from "./HostConnection.ts"
import { HostedTurn, leaving } from "./HostedTurn.ts"
import type { ConnectedRuntime, ConnectRuntimeOptions, HostedRuntime, HostStatus } from "./HostOptions.ts"

/** Of a frame, so much is left for what stands around its reports. Bytes. */
const MARGIN = 4 * 1024

/** Connects at once, and again whenever the connection is lost, until `close`. Throws where there is no WebSocket. */
export const connectRuntime = (options: ConnectRuntimeOptions): ConnectedRuntime =>
  makeHost(options, environment(options.WebSocket))

export const makeHost = (options: ConnectRuntimeOptions, environment: Environment): ConnectedRuntime => {
  const id = newId()
  const turns = new Map<string, HostedTurn>()
  let limits: RuntimeLimits | null = null
  let status: HostStatus = { state: "connecting" }
  let isLeaving = false
  const waiting = new Set<() => void>()

  const connection = new HostConnection(
    `${addressOf(options.url).http.replace(/^http/, "ws")}${RUNTIME_WEBSOCKET_PATH}`,
    options.token,
    environment,
    {
      hello: () => ({
        host: id,
        runtimes: offersOf(options.runtimes),
        sessions: Array.from(turns.values(), ({ address }) => address)
      }),
      onStatus: (now) => {
        status = now
        options.onStatus?.(now)
        changed()
      },
      onWelcome: (given) => {
        limits = given
      },
      onFrame: (frame) => onFrame(frame)
    }
  )

  const changed = () => {
    for (const look of Array.from(waiting)) look()
  }

  /** Resolves once it is so. */
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })

  const onFrame = (frame: RuntimeServerFrame): void => {
    if (frame.type === "start") return start(frame)
    if (!("sessionId" in frame) || frame.sessionId === undefined || frame.type === "error") return
    const turn = turns.get(keyOf(frame))
    turn?.onFrame(frame)
    if (turn !== undefined && frame.type === "ack") flush(turn)
  }

  const start = (frame: Extract<RuntimeServerFrame, { readonly type: "start" }>): void => {
    const key = keyOf(frame)
    const definition = options.runtimes[frame.runtime]
    if (isLeaving) return send(frame, [JSON.stringify({ sourceSequence: 1, ...leaving })])
    if (turns.has(key) || definition === undefined) return
    const { model, run } =
      typeof definition === "function" ? { model: undefined, run: definition } : definition
    const { choice } = frame.turn
    const turn = new HostedTurn({
      start: frame,
      run,
      model: typeof model === "function" ? model(choice) : (model ?? null),
      onReports: () => schedule(turn),
      onEnd: () => {
        turns.delete(key)
        changed()
      }
    })
    turns.set(key, turn)
    void turn.play()
  }

  const scheduled = new Set<HostedTurn>()
  /** Sends once for all that is reported at a time. */
  const schedule = (turn: HostedTurn): void => {
    if (scheduled.size === 0) {
      queueMicrotask(() => {
        const all = Array.from(scheduled)
        scheduled.clear()
        for (const turn of all) flush(turn)
      })
    }
    scheduled.add(turn)
  }

  const flush = (turn: HostedTurn): void => {
    if (!connection.isConnected || limits === null) return
    while (true) {
      const texts = turn.reports.take(limits.eventsPerFrame, (limits.frameBytes - MARGIN) / 3)
      if (texts.length === 0) return
      send(turn.address, texts)
    }
  }

  const send = ({ generation, sessionId }: HostedTurn["address"], reports: ReadonlyArray<string>): void =>
    connection.sendText(
      `{"type":"events","sessionId":${JSON.stringify(sessionId)},"generation":${generation},"events":[${reports.join(",")}]}`
    )

  connection.connect()

  return {
    status: () => status,
    ready: async () => {
      await until(
        () => status.state === "connected" || status.state === "refused" || status.state === "closed"
      )
      if (status.state === "refused") throw new Error(status.reason)
      if (status.state === "closed") throw new Error("The runtime was closed: connect another one.")
    },
    turns: () => turns.size,
    close: async ({ graceSeconds = 0 } = {}) => {
      isLeaving = true
      if (graceSeconds > 0 && turns.size > 0) {
        await Promise.race([
          until(() => turns.size === 0),
          new Promise<void>((resolve) => environment.after(graceSeconds * 1_000, resolve))
        ])
      }
      for (const turn of turns.values()) {
        turn.leave()
        flush(turn)
      }
      connection.close()
      for (const turn of turns.values()) turn.end()
    }
  }
}

const keyOf = ({
  generation,
  sessionId
}: {
  readonly sessionId: string
  readonly generation: number
}): string => `${generation} ${sessionId}`

const offersOf = (runtimes: Readonly<Record<string, HostedRuntime>>): ReadonlyArray<RuntimeOffer> => {
  const offers = Object.entries(runtimes).map(([name, definition]): RuntimeOffer => {
    const { canSteer = false, resumable = false } = typeof definition === "function" ? {} : definition
    return { name, resumable, canSteer, announcesSteps: true, outlivesServer: true }
  })
  if (offers.length === 0) throw new Error("`runtimes` must hold at least one runtime, by its name.")
  return offers
}
