/** Wakes this process when another one has committed. A port: Postgres answers it with LISTEN and a slow poll. */
import { Context, Stream } from "effect"

export class CommitSignal extends Context.Service<
  CommitSignal,
  {
    /** Emits whenever the log may have grown. Never ends and never fails; it reconnects by itself. */
    readonly wakes: Stream.Stream<void>
  }
>()("@spillway/orchestration/CommitSignal") {}
