/**
 * What is known of a thread that is followed: what the log says, and the text that is on its way there. Pure: a frame makes a new value
 * of it, and what the frame does not touch keeps its identity.
 *
 * Live text of a lost connection is shown until the next one has said what is on its way now, so that a short cut does not take a
 * sentence off the screen; nothing of the next connection is ever joined to it.
 */
import type { ThreadId, ThreadView } from "@spillway/contracts"
import {
  emptyOverlay,
  emptyThreadView,
  foldThread,
  type LiveOverlay,
  overlayEvent,
  overlayFrame
} from "@spillway/contracts/plain"
import type { FollowedFrame } from "./Subscriptions.ts"

export type ThreadStatus =
  /** Nothing is known of it yet. */
  | "loading"
  /** Everything that is committed is here a moment later. */
  | "live"
  /** What is here was true when the connection was lost, or is about to be brought up to date. */
  | "behind"
  /** There is no such thread. A send creates it. */
  | "absent"
  /** It can't be followed; `error` says why. */
  | "refused"

export interface Following {
  readonly status: ThreadStatus
  readonly error: { readonly code: string; readonly message: string } | null
  readonly durable: ThreadView
  /** The log that `durable` is of. */
  readonly logId: string | null
  /** The oldest turn held, when there are older ones. */
  readonly before: string | null
  readonly overlay: LiveOverlay
  /** The overlay is of a connection before this one. */
  readonly isOverlayOld: boolean
}

export const notFollowed = (threadId: ThreadId): Following => ({
  status: "loading",
  error: null,
  durable: emptyThreadView(threadId),
  logId: null,
  before: null,
  overlay: emptyOverlay,
  isOverlayOld: false
})

/** Throws where events are missing. */
export const takeFrame = (following: Following, frame: FollowedFrame, logId: string): Following => {
  switch (frame.type) {
    case "snapshot":
      if (frame.view === undefined) return following
      return {
        ...notFollowed(following.durable.threadId),
        status: "behind",
        durable: frame.view,
        logId,
        before: frame.before ?? null
      }
    case "events":
      return {
        ...following,
        durable: foldThread(following.durable, frame.events),
        logId,
        overlay: frame.events.reduce(overlayEvent, following.overlay)
      }
    case "live": {
      const before = following.isOverlayOld ? emptyOverlay : following.overlay
      const overlay = frame.frames.reduce(
        (overlay, live) => overlayFrame(overlay, following.durable, live),
        before
      )
      return overlay === following.overlay ? following : { ...following, overlay, isOverlayOld: false }
    }
    case "caught-up":
      return { ...following, status: "live", error: null }
    case "error":
      return takeError(following, frame)
    case "threads":
      return following
  }
}

const takeError = (
  following: Following,
  { code, message }: Extract<FollowedFrame, { readonly type: "error" }>
): Following => {
  switch (code) {
    // The subscription goes on by itself, or begins again with a snapshot.
    case "unavailable":
    case "cursor-invalid":
      return following
    case "thread-not-found":
      return { ...notFollowed(following.durable.threadId), status: "absent" }
    default:
      return { ...following, status: "refused", error: { code, message } }
  }
}

/** The connection is gone, or nobody follows the thread any longer. */
export const cut = (following: Following): Following => {
  if (following.status === "absent") return following
  const status = following.durable.version > 0 ? "behind" : "loading"
  return { ...following, status, error: null, isOverlayOld: following.overlay.messages.size > 0 }
}

/** The server has said all that is on its way. What is of a connection before it is gone for good, or in the log. */
export const dropOldOverlay = (following: Following): Following =>
  following.isOverlayOld ? { ...following, overlay: emptyOverlay, isOverlayOld: false } : following
