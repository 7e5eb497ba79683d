/**
 * Commands on their way. Those of one thread go one after the other, in the order in which they were given, each after the receipt of
 * the one before; other threads do not wait for them. What was not answered when a connection is lost is sent again on the next: the
 * server does a command once, and gives it the same receipt.
 */
import type { ClientCommand, ClientFrame, Receipt, ServerFrame, ServerLimits } from "@spillway/contracts"
import { COMMAND_TEXT_LIMIT, FRAME_LIMIT } from "@spillway/contracts/plain"
import { backoff } from "./backoff.ts"
import type { Environment } from "./Environment.ts"
import { CommandFailed } from "./errors.ts"

export type Outcome = Receipt | { readonly status: "failed"; readonly error: CommandFailed }

export interface Sending {
  readonly command: ClientCommand
  /** Called once. */
  readonly onOutcome: (outcome: Outcome) => void
}

interface Entry extends Sending {
  /** How often the server could not take it. */
  attempt: number
  cancelRetry: () => void
}

type Limits = Pick<ServerLimits, "frameBytes" | "textLength">

export class Commands {
  readonly #send: (frame: ClientFrame) => boolean
  readonly #environment: Environment
  /** By thread. Only the first of each is on its way. */
  readonly #lanes = new Map<string, Array<Entry>>()
  #limits: Limits = { frameBytes: FRAME_LIMIT, textLength: COMMAND_TEXT_LIMIT }

  constructor(send: (frame: ClientFrame) => boolean, environment: Environment) {
    this.#send = send
    this.#environment = environment
  }

  /** Behind what the thread has on its way, or before all of it. */
  push(sending: ReadonlyArray<Sending>, where: "behind" | "before" = "behind"): void {
    const first = sending[0]
    if (first === undefined) return
    const { threadId } = first.command
    const entries = sending.map((one): Entry => ({ ...one, attempt: 0, cancelRetry: nothing }))
    const lane = this.#lanes.get(threadId) ?? []
    this.#lanes.set(threadId, where === "behind" ? [...lane, ...entries] : [...entries, ...lane])
    if (lane.length === 0 || where === "before") this.#sendFirst(threadId)
  }

  onWelcome(limits: ServerLimits): void {
    this.#limits = limits
    for (const threadId of Array.from(this.#lanes.keys())) this.#sendFirst(threadId)
  }

  onCut(): void {
    for (const [first] of this.#lanes.values()) first?.cancelRetry()
  }

  onReceipt(receipt: Receipt): void {
    const entry = this.#first(receipt.threadId, receipt.commandId)
    if (entry !== undefined) this.#end(entry, receipt)
  }

  /** An error that answers a command. */
  onError({ code, commandId, message, retryable }: Extract<ServerFrame, { readonly type: "error" }>): void {
    const entry = [...this.#lanes.values()]
      .map(([first]) => first)
      .find((first) => first?.command.commandId === commandId)
    if (entry === undefined) return
    if (!retryable) return this.#end(entry, { status: "failed", error: new CommandFailed(code, message) })
    entry.cancelRetry()
    entry.cancelRetry = this.#environment.after(backoff(entry.attempt, this.#environment.random()), () =>
      this.#sendFirst(entry.command.threadId)
    )
    entry.attempt += 1
  }

  /** Nobody will answer them. What becomes of those that were sent is not known. */
  failAll(error: CommandFailed): void {
    const entries = [...this.#lanes.values()].flat()
    this.#lanes.clear()
    for (const entry of entries) {
      entry.cancelRetry()
      entry.onOutcome({ status: "failed", error })
    }
  }

  #sendFirst(threadId: string): void {
    const entry = this.#lanes.get(threadId)?.[0]
    if (entry === undefined) return
    entry.cancelRetry()
    const frame: ClientFrame = { type: "command", command: entry.command }
    const tooLarge = this.#tooLarge(frame)
    if (tooLarge !== undefined) return this.#end(entry, { status: "failed", error: tooLarge })
    this.#send(frame)
  }

  /** A frame that is too large would be answered without saying which it was. */
  #tooLarge(frame: Extract<ClientFrame, { readonly type: "command" }>): CommandFailed | undefined {
    const { frameBytes, textLength } = this.#limits
    const text = "text" in frame.command ? frame.command.text : ""
    if (text.length > textLength) {
      const said = `The text is ${text.length} characters long and the limit is ${textLength}: send less, or split it over several messages.`
      return new CommandFailed("text-too-long", said)
    }
    const bytes = new TextEncoder().encode(JSON.stringify(frame)).length
    if (bytes <= frameBytes) return undefined
    const said = `The command takes ${bytes} bytes and the limit is ${frameBytes}: send less.`
    return new CommandFailed("frame-too-large", said)
  }

  #end(entry: Entry, outcome: Outcome): void {
    const { threadId } = entry.command
    entry.cancelRetry()
    const rest = this.#lanes.get(threadId)!.slice(1)
    if (rest.length === 0) this.#lanes.delete(threadId)
    else this.#lanes.set(threadId, rest)
    // What comes of it may put others before the rest.
    entry.onOutcome(outcome)
    if (rest.length > 0 && this.#lanes.get(threadId)?.[0] === rest[0]) this.#sendFirst(threadId)
  }

  #first(threadId: string, commandId: string): Entry | undefined {
    const first = this.#lanes.get(threadId)?.[0]
    return first?.command.commandId === commandId ? first : undefined
  }
}

const nothing = (): void => {}
