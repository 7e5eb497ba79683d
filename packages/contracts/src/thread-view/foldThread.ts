/**
 * The fold that every view is. Guarantees: pure (a view that was handed out never changes), the same on server and client,
 * and `foldThread(view, a) then b` equals `foldThread(view, [...a, ...b])`. What an event does not touch keeps its identity, so
 * a reader can tell what changed by comparing references.
 */
import type { ClientEvent } from "../Envelope.ts"
import type { ThreadId } from "../Ids.ts"
import { ViewDraft } from "./draft.ts"
import { foldMessageEvent } from "./foldMessage.ts"
import { foldTurnEvent } from "./foldTurn.ts"
import type { ThreadView } from "./ThreadView.ts"

/** A thread of which nothing is known yet. */
export const emptyThreadView = (threadId: ThreadId): ThreadView => ({
  threadId,
  version: 0,
  status: "active",
  title: null,
  metadata: {},
  createdAt: "",
  updatedAt: "",
  activeTurnId: null,
  queue: [],
  turns: []
})

/**
 * Folds events into a view. An event at or below the view's version is skipped, so that overlapping reads do no harm.
 * Events must be of the view's thread and in order; a gap is a bug of the reader and throws.
 */
export const foldThread = (view: ThreadView, events: Iterable<ClientEvent>): ThreadView => {
  const draft = new ViewDraft(view)
  for (const event of events) {
    if (event.version <= draft.view.version) continue
    if (event.version !== draft.view.version + 1) {
      throw new Error(
        `foldThread: version ${event.version} of ${event.threadId} does not follow ${draft.view.version}`
      )
    }
    foldEvent(draft, event)
    draft.view.version = event.version
    draft.view.updatedAt = event.at
  }
  return draft.view.version === view.version ? view : draft.view
}

const foldEvent = (draft: ViewDraft, event: ClientEvent): void => {
  switch (event.type) {
    case "thread.created":
      draft.view.createdAt = event.at
      draft.view.title = event.data.title ?? null
      draft.view.metadata = event.data.metadata ?? {}
      return
    case "thread.updated":
      if (event.data.title !== undefined) draft.view.title = event.data.title
      if (event.data.metadata !== undefined) draft.view.metadata = event.data.metadata
      return
    case "thread.archived":
      draft.view.status = "archived"
      return
    case "thread.unarchived":
      draft.view.status = "active"
      return
    case "thread.deleted":
      draft.view.status = "deleted"
      return
    case "thread.message-opened":
    case "thread.message-segment-appended":
    case "thread.message-closed":
    case "thread.tool-call-opened":
    case "thread.tool-call-output-appended":
    case "thread.tool-call-closed":
      return foldMessageEvent(draft, event)
    default:
      return foldTurnEvent(draft, event)
  }
}
