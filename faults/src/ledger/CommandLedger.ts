/**
 * What the clients sent and what they were told, kept outside the server. An acked command is one whose receipt has reached its client.
 * Each line is also appended to a file as it is known, for a person to read.
 */
import type { ClientCommand, Receipt } from "@spillway/contracts"
import { closeSync, openSync, writeSync } from "node:fs"
import { monotonic } from "../monotonic.ts"

export interface CommandEntry {
  readonly command: ClientCommand
  /** Milliseconds of `monotonic`, as all times here. */
  readonly firstSentAt: number
  /** How often it left a client. */
  sent: number
  readonly acks: Array<{ readonly at: number; readonly receipt: Receipt }>
  /** Errors that were no answer to be tried again. */
  readonly errors: Array<string>
}

export class CommandLedger {
  readonly entries = new Map<string, CommandEntry>()
  readonly #file: number
  #acked = 0

  constructor(path: string) {
    this.#file = openSync(path, "a")
  }

  /** Commands that were acked, accepted or rejected. */
  get acked(): number {
    return this.#acked
  }

  sent(command: ClientCommand): void {
    const { commandId, threadId, type } = command
    const entry = this.entries.get(commandId)
    if (entry === undefined) {
      this.entries.set(commandId, { command, firstSentAt: monotonic(), sent: 1, acks: [], errors: [] })
      this.#write({ sent: commandId, type, threadId })
    } else entry.sent++
  }

  acknowledged(receipt: Receipt): void {
    const entry = this.entries.get(receipt.commandId)
    if (entry === undefined) throw new Error(`A receipt came for ${receipt.commandId}, which nobody sent.`)
    if (entry.acks.length === 0) this.#acked++
    entry.acks.push({ at: monotonic(), receipt })
    this.#write({ acked: receipt })
  }

  failed(commandId: string, error: string): void {
    this.entries.get(commandId)?.errors.push(error)
    this.#write({ failed: commandId, error })
  }

  /** What was done to the system, for whoever reads the file. */
  note(what: object): void {
    this.#write(what)
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: object): void {
    writeSync(this.#file, `${JSON.stringify({ at: monotonic(), ...line })}\n`)
  }
}
