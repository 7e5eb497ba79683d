/** Somebody who looks at a few threads: a view of each, folded from what the websocket brings, with the live text laid over. */
import {
  emptyOverlay,
  emptyThreadView,
  foldThread,
  type LiveOverlay,
  overlayEvent,
  overlayFrame,
  ThreadId,
  type ThreadView
} from "@spillway/contracts"
import { Connection } from "./Connection.ts"

interface Watched {
  view: ThreadView
  overlay: LiveOverlay
}

export class Watcher {
  readonly connection: Connection
  readonly #threads = new Map<string, Watched>()
  /** Live frames that were laid over. */
  liveFrames = 0

  constructor(url: string, threadIds: ReadonlyArray<string>) {
    this.connection = new Connection(url)
    for (const threadId of threadIds) this.#watch(ThreadId.make(threadId))
  }

  get views(): ReadonlyMap<string, ThreadView> {
    return new Map([...this.#threads].map(([threadId, { view }]) => [threadId, view]))
  }

  #watch(threadId: ThreadId): void {
    const watched: Watched = { view: emptyThreadView(threadId), overlay: emptyOverlay }
    this.#threads.set(threadId, watched)
    this.connection.follow(threadId, {
      subscription: (again) => ({
        to: "thread",
        threadId,
        from: again && watched.view.version > 0 ? { afterVersion: watched.view.version } : "snapshot"
      }),
      onFrame: (frame) => {
        switch (frame.type) {
          case "snapshot":
            if (frame.view !== undefined) watched.view = frame.view
            watched.overlay = emptyOverlay
            return
          case "events":
            watched.view = foldThread(watched.view, frame.events)
            for (const event of frame.events) watched.overlay = overlayEvent(watched.overlay, event)
            return
          case "live":
            this.liveFrames += frame.frames.length
            for (const live of frame.frames)
              watched.overlay = overlayFrame(watched.overlay, watched.view, live)
            return
          case "caught-up":
            watched.overlay = emptyOverlay
        }
      }
    })
  }
}
