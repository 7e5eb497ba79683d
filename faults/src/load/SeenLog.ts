/** What a subscriber of the whole log was shown: positions one by one, and of each thread what a subscriber of it would be shown. */
import type { LoggedEvent } from "@spillway/contracts"
import { type Complaint, Seen } from "./Seen.ts"

export class SeenLog {
  readonly threads = new Map<string, Seen>()
  readonly #complaints: Array<Complaint> = []
  position = 0

  take(events: ReadonlyArray<LoggedEvent>): void {
    for (const event of events) {
      if (event.position !== this.position + 1) {
        const kind = event.position <= this.position ? "order" : "gap"
        this.complain(kind, `position ${event.position} came after ${this.position}`)
        continue
      }
      this.position = event.position
      const seen = this.threads.get(event.threadId) ?? new Seen(event.threadId)
      this.threads.set(event.threadId, seen)
      seen.take([event])
    }
  }

  complain(kind: Complaint["kind"], text: string): void {
    this.#complaints.push({ kind, text })
  }

  get complaints(): ReadonlyArray<Complaint> {
    return [...this.#complaints, ...[...this.threads.values()].flatMap(({ complaints }) => complaints)]
  }
}
