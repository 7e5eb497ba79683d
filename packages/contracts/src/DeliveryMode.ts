/** How assistant text reaches the log and the live lane. */
import { Schema } from "effect"

export const DeliveryMode = Schema.Literals(["buffered", "streaming", "paragraph"])
export type DeliveryMode = typeof DeliveryMode.Type

export { DEFAULT_DELIVERY_MODE } from "./wire.ts"
