/** Checkpoints of consumers that are not ours: how far each has come, and which process runs it. */
import { subscription } from "./0004_durable_subscriptions/subscription.ts"

export const durableSubscriptions = [subscription]
