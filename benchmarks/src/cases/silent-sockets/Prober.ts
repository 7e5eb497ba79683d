/** Another client: sends a command at a time to a thread of its own, at an even pace, and takes the time to receipt and event. */
import { type ClientEvent, CommandId, ThreadId } from "@spillway/contracts"
import { Connection } from "../../load/Connection.ts"
import { quantile } from "../../runner/statistics.ts"

/** Milliseconds from one command to the next. */
const PACE = 10

export interface Latencies {
  readonly commands: number
  /** Of a command's receipt: 99th percentile, milliseconds. */
  readonly receipt: number
  /** Of its event on another connection, which holds the commit and what comes after it. */
  readonly event: number
}

const threadId = ThreadId.make("probe")

export class Prober {
  readonly #sender: Connection
  readonly #watcher: Connection
  readonly #waiting = new Map<string, () => void>()
  #sent = 0

  constructor(url: string) {
    this.#sender = new Connection(url)
    this.#watcher = new Connection(url)
  }

  async begin(): Promise<void> {
    await this.#sender.command({ type: "thread.create", commandId: CommandId.make("probe"), threadId })
    this.#watcher.follow("probe", {
      subscription: () => ({ to: "thread", threadId, from: "tail" }),
      onFrame: (frame) => {
        if (frame.type !== "events") return
        for (const { commandId } of frame.events as ReadonlyArray<ClientEvent>)
          this.#waiting.get(commandId ?? "")?.()
      }
    })
    await this.measure(500)
  }

  async measure(milliseconds: number): Promise<Latencies> {
    const receipts: Array<number> = []
    const events: Array<number> = []
    const began = performance.now()
    const all: Array<Promise<void>> = []
    for (let i = 0; i * PACE < milliseconds; i++) {
      const wait = began + i * PACE - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      all.push(this.#probe(receipts, events))
    }
    await Promise.all(all)
    return { commands: all.length, receipt: quantile(receipts, 0.99), event: quantile(events, 0.99) }
  }

  close(): void {
    this.#sender.close()
    this.#watcher.close()
  }

  async #probe(receipts: Array<number>, events: Array<number>): Promise<void> {
    const commandId = CommandId.make(`probe.${this.#sent++}`)
    const sent = performance.now()
    const seeEvent = async () => {
      await new Promise<void>((resolve) => this.#waiting.set(commandId, resolve))
      events.push(performance.now() - sent)
    }
    const event = seeEvent()
    await this.#sender.command({ type: "thread.update", commandId, threadId, title: commandId })
    receipts.push(performance.now() - sent)
    await event
    this.#waiting.delete(commandId)
  }
}
