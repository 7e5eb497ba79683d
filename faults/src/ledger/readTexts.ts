/** The text ledgers of all processes, as calls of runtimes with what they handed over. */
import { existsSync, readFileSync } from "node:fs"
import type { TextLine } from "./TextLedger.ts"

/** Something that a runtime handed over, or waited for. Times in milliseconds of `monotonic`. */
export interface Offer {
  /** Which stretch of text it continues; `null` when it is no text. */
  readonly item: string | null
  readonly text: string
  readonly offeredAt: number
  /** `null`: its process was killed, or its turn ended, before it was taken. */
  takenAt: number | null
}

export interface RuntimeCall {
  /** Which process of the server, in the order in which they were started; below 0 one that hosts a remote runtime. */
  readonly process: number
  readonly turnId: string
  readonly at: number
  returnedAt: number | null
  readonly offers: Array<Offer>
  /** When its process is known to have been running, in order. */
  readonly signs: ReadonlyArray<number>
}

/** Where the processes that host remote runtimes are counted from. */
export const REMOTE = -1_000_000

/**
 * @param paths one for each process, in their order.
 * @param first the number of the first of them.
 */
export const readTexts = (paths: ReadonlyArray<string>, first = 0): ReadonlyArray<RuntimeCall> =>
  paths.flatMap((path, i) => (existsSync(path) ? callsIn(readFileSync(path, "utf8"), first + i) : []))

const callsIn = (text: string, process: number): ReadonlyArray<RuntimeCall> => {
  const calls = new Map<number, RuntimeCall>()
  const offers = new Map<number, Offer>()
  const signs: Array<number> = []
  for (const line of text.split("\n")) {
    // The last one may have been cut off by the kill.
    if (!line.endsWith("}")) continue
    const said = JSON.parse(line) as TextLine
    signs.push(said.at)
    if (said.type === "sign") continue
    if (said.type === "call") {
      const { at, turnId } = said
      calls.set(said.call, { process, turnId, at, returnedAt: null, offers: [], signs })
      continue
    }
    const call = calls.get(said.call)!
    if (said.type === "return") call.returnedAt = said.at
    else if (said.type === "taken") offers.get(said.offer)!.takenAt = said.at
    else {
      const { at, item = null, text = "" } = said
      const offer: Offer = { item, text, offeredAt: at, takenAt: null }
      offers.set(said.offer, offer)
      call.offers.push(offer)
    }
  }
  return [...calls.values()]
}
