/**
 * What a subscriber was shown of a thread: how far, its fold, and a digest over every event in order, to be compared with the log's. What
 * does not follow is written down and not taken.
 */
import { type ClientEvent, emptyThreadView, foldThread, ThreadId, type ThreadView } from "@spillway/contracts"
import { hash } from "node:crypto"

/** The digest before the first event. */
export const NOTHING = ""

/** The digest after one more event. What only readers of the whole log get does not count. */
export const digestOf = (before: string, event: ClientEvent): string => {
  const { actor, at, causationId, commandId, correlationId, data, tenant, threadId, type, version } = event
  const said = [tenant, threadId, version, type, at, actor, commandId, causationId, correlationId, data]
  return hash("sha1", `${before}${JSON.stringify(said)}`, "base64")
}

/** Something that a subscriber was shown and that should not be. */
export interface Complaint {
  readonly kind: "gap" | "phantom" | "order"
  readonly text: string
}

export class Seen {
  readonly threadId: string
  readonly complaints: Array<Complaint> = []
  view: ThreadView
  digest = NOTHING

  constructor(threadId: string) {
    this.threadId = threadId
    this.view = emptyThreadView(ThreadId.make(threadId))
  }

  get version(): number {
    return this.view.version
  }

  take(events: ReadonlyArray<ClientEvent>): void {
    for (const event of events) {
      const { version } = this.view
      if (event.version === version + 1) {
        this.view = foldThread(this.view, [event])
        this.digest = digestOf(this.digest, event)
      } else {
        const kind = event.version <= version ? "order" : "gap"
        this.complain(kind, `version ${event.version} of ${this.threadId} came after ${version}`)
      }
    }
  }

  complain(kind: Complaint["kind"], text: string): void {
    this.complaints.push({ kind, text })
  }

  /** Begins anew, after what was seen turned out to be of no log. */
  forget(): void {
    this.view = emptyThreadView(ThreadId.make(this.threadId))
    this.digest = NOTHING
  }
}
