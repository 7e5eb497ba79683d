/** How assistant text reaches the log and the live lane. */
import { Schema } from "effect"

export const DeliveryMode = Schema.Literals(["buffered", "streaming", "paragraph"])
export type DeliveryMode = typeof DeliveryMode.Type

/** The mode of a turn whose start names none. The one place that says so. */
export const DEFAULT_DELIVERY_MODE: DeliveryMode = "buffered"
