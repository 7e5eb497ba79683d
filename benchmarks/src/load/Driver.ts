/** Keeps every thread at work, one turn after another, and reads the whole log along: what was committed, and when a turn has ended. */
import {
  CommandId,
  isTurnEnd,
  type LoggedEvent,
  MessageId,
  type Receipt,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import { Connection } from "./Connection.ts"
import { modeOf, promptOf, threadIdOf, turnIdOf } from "./script.ts"

export class Driver {
  readonly connection: Connection
  readonly #turns = new Map<number, number>()
  readonly #ends = new Map<string, () => void>()
  readonly #texts = new Map<string, Array<string>>()
  #position = 0
  #stopped = false
  #running = 0
  /** Turn ends, by what they were: completed, failed, interrupted. */
  readonly ended = { completed: 0, failed: 0, interrupted: 0 }
  /** What was not as it should be. */
  readonly surprises: Array<string> = []
  /** The last version of each thread. */
  readonly versions = new Map<string, number>()
  readonly #lastTypes = new Map<string, string>()
  started = 0

  constructor(url: string) {
    this.connection = new Connection(url)
    this.connection.follow("log", {
      subscription: () => ({ to: "log", from: { afterPosition: this.#position } }),
      onFrame: (frame) => {
        if (frame.type === "events") for (const event of frame.events) this.#read(event as LoggedEvent)
      }
    })
  }

  /** Turns that have begun and not ended. */
  get running(): number {
    return this.#running
  }

  /** Turns whose end is not in the log, and where their threads stand. */
  get unended(): ReadonlyArray<{ readonly turnId: string; readonly last: string | undefined }> {
    return [...this.#ends.keys()].map((turnId) => ({
      turnId,
      last: this.#lastTypes.get(turnId.split("/")[0]!)
    }))
  }

  /** What the log holds of each turn's text, by turn id. */
  get texts(): ReadonlyMap<string, string> {
    return new Map([...this.#texts].map(([turnId, texts]) => [turnId, texts.join("")]))
  }

  async create(thread: number): Promise<void> {
    const threadId = ThreadId.make(threadIdOf(thread))
    this.#require(
      await this.connection.command({
        type: "thread.create",
        commandId: CommandId.make(`create-${thread}`),
        threadId
      })
    )
  }

  /** One turn after another until `stop`; `turns` says how many at most. */
  async drive(thread: number, turns = Number.POSITIVE_INFINITY): Promise<void> {
    for (let n = 0; n < turns && !this.#stopped; n++) await this.#turn(thread)
  }

  /** No turn begins any more. */
  stop(): void {
    this.#stopped = true
  }

  async #turn(thread: number): Promise<void> {
    const call = { thread, turn: this.#turns.get(thread) ?? 0 }
    this.#turns.set(thread, call.turn + 1)
    const turnId = turnIdOf(call)
    const ended = new Promise<void>((resolve) => this.#ends.set(turnId, resolve))
    this.#running++
    this.started++
    const receipt = await this.connection.command({
      type: "thread.turn.start",
      commandId: CommandId.make(`start-${turnId}`),
      threadId: ThreadId.make(threadIdOf(thread)),
      turnId: TurnId.make(turnId),
      messageId: MessageId.make(`${turnId}/ask`),
      text: promptOf(call),
      assistantDeliveryMode: modeOf(thread)
    })
    if (this.#require(receipt)) await ended
    this.#running--
  }

  #require(receipt: Receipt): boolean {
    if (receipt.status === "accepted") return true
    this.surprises.push(`${receipt.commandId} was rejected: ${receipt.rejection.message}`)
    return false
  }

  #read(event: LoggedEvent): void {
    if (event.position !== this.#position + 1) {
      this.surprises.push(`Position ${event.position} came after ${this.#position}.`)
    }
    this.#position = event.position
    this.versions.set(event.threadId, event.version)
    this.#lastTypes.set(event.threadId, event.type)
    if (event.type === "thread.message-segment-appended") {
      const texts = this.#texts.get(event.data.turnId)
      if (texts === undefined) this.#texts.set(event.data.turnId, [event.data.text])
      else texts.push(event.data.text)
    }
    if (!isTurnEnd(event)) return
    if (event.type === "thread.turn-failed") {
      this.ended.failed++
      this.surprises.push(
        `${event.data.turnId} failed: ${event.data.error.code}, ${event.data.error.message}`
      )
    } else if (event.type === "thread.turn-interrupted") {
      this.ended.interrupted++
      this.surprises.push(`${event.data.turnId} was interrupted: ${event.data.reason}`)
    } else this.ended.completed++
    this.#ends.get(event.data.turnId)?.()
    this.#ends.delete(event.data.turnId)
  }
}
