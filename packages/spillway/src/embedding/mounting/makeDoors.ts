/** The ways from the network into a Spillway that is embedded: mounted, as handlers, or on a server of its own. */
import { Context, Layer } from "effect"
import { Doors } from "../../doors/Doors.ts"
import { Listener } from "../../doors/Listener.ts"
import { isLoopback } from "../../doors/origin.ts"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import type { Spillway } from "../Spillway.ts"
import { SpillwayError } from "../SpillwayError.ts"
import { type Handlers, mount } from "./mount.ts"
import { isOwnPath } from "./ownPath.ts"
import { isFromThisMachine, refuse, refuseUpgrade } from "./trusted.ts"

type OpenDoors = Pick<Spillway, "mount" | "requestHandler" | "upgradeHandler" | "listen"> & {
  readonly unmountAll: () => void
}

export const makeDoors = async (process: EmbeddedProcess, hasToken: boolean): Promise<OpenDoors> => {
  const doors = await process.run(Doors)
  const mounted = new Set<() => void>()

  const handlers: Handlers = {
    request: (request, response) =>
      hasToken || isFromThisMachine(request) ? doors.onRequest(request, response) : refuse(response),
    upgrade: (request, socket, head) =>
      hasToken || isFromThisMachine(request) ? doors.onUpgrade(request, socket, head) : refuseUpgrade(socket)
  }

  return {
    unmountAll: () => {
      for (const unmount of mounted) unmount()
    },
    mount: (server, { path = "/spillway" } = {}) => {
      const off = mount(server, prefixOf(path), handlers)
      const unmount = () => {
        off()
        mounted.delete(unmount)
      }
      mounted.add(unmount)
      return unmount
    },
    requestHandler: (request, response, next) => {
      if (next !== undefined && !isOwnPath(request.url)) return next()
      handlers.request(request, response)
    },
    upgradeHandler: (request, socket, head) => {
      if (!isOwnPath(request.url)) return false
      handlers.upgrade(request, socket, head)
      return true
    },
    listen: async ({ host = "127.0.0.1", port = 0 } = {}) => {
      if (!hasToken && !isLoopback(host)) {
        throw new SpillwayError(
          "token-required",
          `Others can reach ${host}: give createSpillway a \`token\` that clients must send, or leave \`host\` at 127.0.0.1.`
        )
      }
      const built = await process.run(Layer.buildWithScope(Listener.layer({ host, port }), process.fork()))
      const listener = Context.get(built, Listener)
      return { url: `http://${listener.address}`, port: listener.port }
    }
  }
}

/** Without a slash at the end; the root is empty. */
const prefixOf = (path: string): string => {
  const prefix = path.replace(/\/+$/, "")
  if (prefix === "" || /^\/[^?#]*$/.test(prefix)) return prefix
  throw new SpillwayError(
    "path-invalid",
    `${JSON.stringify(path)} can't be mounted on: give a path that begins with a slash.`
  )
}
