/** A client on an InProcessNetwork that does not wait between its attempts. */
import { makeClient, type SpillwayClient } from "../connect.ts"
import { environment, type Environment, type Socket } from "../Environment.ts"
import type { Cut, InProcessNetwork } from "./InProcessNetwork.ts"

export interface Faults {
  /** How its next connection ends. */
  readonly cut: () => Cut
  /** Loses the live frames that just arrived. */
  readonly losesLive: () => boolean
}

export const noFaults: Faults = { cut: () => null, losesLive: () => false }

export const inProcessClient = (network: InProcessNetwork, faults: Faults): SpillwayClient => {
  const place = environment(network.socketClass(faults.cut))
  const impatient: Environment = {
    ...place,
    openSocket: (url) => losing(place.openSocket(url), faults.losesLive),
    random: () => 0,
    after: (milliseconds, run) => {
      if (milliseconds > 0) return place.after(milliseconds, run)
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
  }
  return makeClient({ url: "ws://127.0.0.1" }, impatient)
}

const losing = (socket: Socket, loses: () => boolean): Socket => ({
  addEventListener: (type: string, listener: (event: never) => void) => {
    const heard = (event: { readonly data?: unknown }) => {
      const isLive = typeof event.data === "string" && event.data.startsWith('{"type":"live"')
      if (!isLive || !loses()) listener(event as never)
    }
    socket.addEventListener(type as "message", heard)
  },
  send: (text) => socket.send(text),
  close: () => socket.close()
})
