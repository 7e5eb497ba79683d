/**
 * What a session reported, until it is durable at the server: the one place from which it is sent, and sent again.
 *
 * Bounded: reports wait in `put` while the server allows no more, and while LIMIT bytes are not durable.
 */
import type { Reported } from "@spillway/contracts/runtime-protocol"

/** Bytes of JSON that may be un-acked. Text counts as taken within a second, unless it may be the beginning of a secret. */
const LIMIT = 4 * 1024 * 1024

interface Report {
  readonly sequence: number
  readonly text: string
}

export class UnackedReports {
  #reports: Array<Report> = []
  #bytes = 0
  #last: number
  #sent: number
  #until: number
  #waiting: Array<() => void> = []
  #isClosed = false

  constructor(through: number, until: number) {
    this.#last = this.#sent = through
    this.#until = until
  }

  /** Numbers a report. The result is its number. */
  put(report: Reported): number {
    const sequence = ++this.#last
    const text = JSON.stringify({ sourceSequence: sequence, ...report })
    this.#reports.push({ sequence, text })
    this.#bytes += text.length
    return sequence
  }

  /** Resolves once another report may be made; at once when the session is over. */
  room(): Promise<void> {
    if (this.#isClosed || (this.#last < this.#until && this.#bytes < LIMIT)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Takes the reports that may be sent now, as JSON texts: so many and so many bytes at most. */
  take(events: number, bytes: number): ReadonlyArray<string> {
    const texts: Array<string> = []
    let length = 0
    const from = this.#reports.findIndex(({ sequence }) => sequence > this.#sent)
    for (const { sequence, text } of from === -1 ? [] : this.#reports.slice(from, from + events)) {
      if (sequence > this.#until || (length > 0 && length + text.length > bytes)) break
      texts.push(text)
      length += text.length
      this.#sent = sequence
    }
    return texts
  }

  ack(through: number, until: number): void {
    const count = this.#reports.findIndex(({ sequence }) => sequence > through)
    for (const { text } of this.#reports.splice(0, count === -1 ? this.#reports.length : count)) {
      this.#bytes -= text.length
    }
    this.#until = until
    this.#wake()
  }

  /** What the server has not got is to be sent again. */
  attached(received: number): void {
    this.#sent = received
  }

  /** Nothing is sent any more, and nobody waits. */
  close(): void {
    this.#isClosed = true
    this.#reports = []
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
