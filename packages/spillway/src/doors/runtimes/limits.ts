/** What hosts of runtimes must keep to. */
import { RUNTIME_FRAME_LIMIT, type RuntimeLimits } from "@spillway/contracts/runtime-protocol"
import type { RemoteSettingsValue } from "@spillway/provider-runtimes"

/** Hosts that the one token lets in at once. */
export const HOST_LIMIT = 64

/** Sockets that may be open, those included that have not said hello. */
export const SOCKET_LIMIT = 2 * HOST_LIMIT

/** Less than a server of Node gives a request by default, or one of ours: 60 seconds. */
const REQUEST_SECONDS = 45

export const runtimeLimits = (window: number, { grace }: RemoteSettingsValue): RuntimeLimits => ({
  frameBytes: RUNTIME_FRAME_LIMIT,
  eventsPerFrame: window,
  window,
  graceSeconds: grace / 1_000,
  requestSeconds: REQUEST_SECONDS
})
