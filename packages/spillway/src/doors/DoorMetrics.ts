/** What the doors count. Of what is open now they are asked when somebody reads. */
import type { ServerFrame } from "@spillway/contracts"
import { type Counter, counterOf, countersOf, metrics } from "@spillway/orchestration"
import { Context, Effect, Layer } from "effect"

export class DoorMetrics extends Context.Service<
  DoorMetrics,
  {
    /** Frames sent on websockets, and the bytes of all of them. */
    readonly frames: Readonly<Record<ServerFrame["type"], Counter>>
    readonly bytes: Counter
    readonly liveDropped: Counter
    readonly readerPauses: Counter
    readonly creditStalls: Counter
    readonly stalledCloses: Counter
    readonly wrongCloses: Counter
    /** What was one too many. */
    readonly turnedAway: Readonly<Record<"sockets" | "streams" | "requests", Counter>>
  }
>()("spillway/doors/DoorMetrics") {
  static readonly layer = Layer.effect(
    DoorMetrics,
    Effect.all({
      frames: countersOf(metrics.framesSent),
      bytes: counterOf(metrics.bytesSent),
      liveDropped: counterOf(metrics.liveFramesDropped),
      readerPauses: counterOf(metrics.readerPauses),
      creditStalls: counterOf(metrics.creditStalls),
      stalledCloses: counterOf(metrics.stalledCloses),
      wrongCloses: counterOf(metrics.wrongCloses),
      turnedAway: countersOf(metrics.turnedAway)
    })
  )
}
