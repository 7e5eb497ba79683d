/**
 * What runtimes handed over, in a file outside the server: each line is there before the next thing happens (a write to a file survives a
 * kill of its process). So it is known which text a server had taken when it was killed, and how often a runtime was called.
 */
import { openSync, writeSync } from "node:fs"
import { monotonic } from "../monotonic.ts"

export type TextLine =
  /** The runtime was called for a turn. Calls are numbered in their process. */
  | { readonly type: "call"; readonly call: number; readonly turnId: string; readonly at: number }
  /** The runtime waits from here on for something to be taken. Offers are numbered in their process. */
  | {
      readonly type: "offer"
      readonly call: number
      readonly offer: number
      readonly item?: string
      readonly text?: string
      readonly at: number
    }
  /** It was taken: `emit` has returned. */
  | { readonly type: "taken"; readonly call: number; readonly offer: number; readonly at: number }
  | { readonly type: "return"; readonly call: number; readonly at: number }
  /** The process runs. Comes every SIGN milliseconds while it does. */
  | { readonly type: "sign"; readonly at: number }

/** Milliseconds. */
const SIGN = 25

/** The item that a tool's output is: all of it, by the name of its call. */
export const outputItem = (toolCallId: string): string => `output ${toolCallId}`

type Unstamped<L> = L extends unknown ? Omit<L, "at"> : never

export class TextLedger {
  readonly #file: number
  #calls = 0
  #offers = 0
  readonly #early = new Map<string, number>()

  constructor(path: string) {
    this.#file = openSync(path, "a")
  }

  /** Lets it be seen when the process is kept from running. */
  giveSigns(): void {
    setInterval(() => this.write({ type: "sign" }), SIGN).unref()
  }

  call(turnId: string): number {
    const early = this.#early.get(turnId)
    if (early !== undefined && this.#early.delete(turnId)) return early
    const call = ++this.#calls
    this.write({ type: "call", call, turnId })
    return call
  }

  /** The runtime is called at this moment, and its turn begins later: what a break of the claim does. */
  callEarly(turnId: string): void {
    this.#early.set(turnId, this.call(turnId))
  }

  offer(call: number, what: { readonly item?: string; readonly text?: string }): number {
    const offer = ++this.#offers
    this.write({ type: "offer", call, offer, ...what })
    return offer
  }

  write(line: Unstamped<TextLine>): void {
    writeSync(this.#file, `${JSON.stringify({ ...line, at: monotonic() })}\n`)
  }
}
