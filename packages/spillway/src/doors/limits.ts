/** What a client must keep to, as `welcome` and `/v1/info` tell it. */
import { COMMAND_TEXT_LIMIT, FRAME_LIMIT, type ServerLimits } from "@spillway/contracts"
import type { DoorSettings } from "../SpillwaySettings.ts"

export const limitsOf = ({ clientStallSeconds }: DoorSettings): ServerLimits => ({
  frameBytes: FRAME_LIMIT,
  textLength: COMMAND_TEXT_LIMIT,
  subscriptions: 64,
  creditEvents: 512,
  creditBytes: 256 * 1024,
  stallSeconds: clientStallSeconds
})
