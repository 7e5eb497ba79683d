/**
 * What a client must keep to, as `welcome` and `/v1/info` tell it. Together they bound what clients can cost: the memory of one socket
 * is bounded by its credit, its frames and its commands under way, and the number of sockets by itself.
 */
import { COMMAND_TEXT_LIMIT, FRAME_LIMIT, JSON_DEPTH_LIMIT, type ServerLimits } from "@spillway/contracts"
import type { DoorSettings } from "../SpillwaySettings.ts"

/** What holds where the settings do not say. */
export const DOOR_LIMITS = {
  /** At about a megabyte each where every client is hostile, 4 GiB; a client that does its part costs some 20 KiB. */
  sockets: 4_096,
  streams: 1_024,
  /** Far more than a client acks or sends by hand; a bad frame costs some 20 µs, so that one socket takes 2 % of the process. */
  framesPerSecond: 1_000
}

/** HTTP requests that wait for their answer or take it, event streams not counted. */
const REQUESTS = 1_024

export const limitsOf = (settings: DoorSettings): ServerLimits => {
  const framesPerSecond = settings.framesPerSecond ?? DOOR_LIMITS.framesPerSecond
  return {
    frameBytes: FRAME_LIMIT,
    textLength: COMMAND_TEXT_LIMIT,
    subscriptions: 64,
    creditEvents: 512,
    creditBytes: 256 * 1024,
    stallSeconds: settings.clientStallSeconds,
    helloSeconds: 10,
    commandsInFlight: 64,
    framesPerSecond,
    frameBurst: 2 * framesPerSecond,
    wrongFrames: 1_000,
    jsonDepth: JSON_DEPTH_LIMIT,
    sockets: settings.maxSockets ?? DOOR_LIMITS.sockets,
    streams: settings.maxStreams ?? DOOR_LIMITS.streams,
    requests: REQUESTS
  }
}
