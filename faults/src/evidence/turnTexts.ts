/**
 * What runtimes handed over, beside what the log holds of it. A turn's stretches of text stand in the log in the order in which they were
 * begun; one of which nothing reached the log stands nowhere.
 */
import type { LoggedEvent } from "@spillway/contracts"
import type { RuntimeCall } from "../ledger/readTexts.ts"
import type { Evidence } from "./Evidence.ts"

export interface Piece {
  readonly text: string
  readonly offeredAt: number
  readonly takenAt: number | null
}

export interface TextOutcome {
  readonly turnId: string
  readonly call: RuntimeCall
  readonly pieces: ReadonlyArray<Piece>
  /** Code units of it in the log, from its beginning, that are as they were handed over. */
  readonly durable: number
  /** What the log holds behind that and should not. */
  readonly deviation: { readonly kind: "doubled" | "skipped" | "foreign"; readonly text: string } | null
}

interface Item {
  readonly call: RuntimeCall
  readonly pieces: Array<Piece>
  text: string
}

/** Each turn's items and what became of them. Text of the log that no runtime handed over is an outcome of its own, of no call. */
export const turnTexts = (
  evidence: Pick<Evidence, "calls" | "log">
): {
  readonly outcomes: ReadonlyArray<TextOutcome>
  readonly strays: ReadonlyArray<string>
} => {
  const logged = partsByTurn(evidence.log.events)
  const outcomes: Array<TextOutcome> = []
  const strays: Array<string> = []
  for (const [turnId, calls] of Map.groupBy(evidence.calls, (call) => call.turnId)) {
    const items = calls.flatMap(itemsOf)
    let at = 0
    for (const part of logged.get(turnId) ?? []) {
      const found = items.findIndex((item, i) => i >= at && begins(item.text, part))
      if (found === -1) {
        strays.push(`${turnId}: the log holds ${JSON.stringify(part.slice(0, 60))}, which no runtime wrote`)
        continue
      }
      for (const unseen of items.slice(at, found)) outcomes.push(outcomeOf(turnId, unseen, ""))
      outcomes.push(outcomeOf(turnId, items[found]!, part))
      at = found + 1
    }
    for (const unseen of items.slice(at)) outcomes.push(outcomeOf(turnId, unseen, ""))
  }
  return { outcomes, strays }
}

/** So many code units are enough to know a stretch of text again, be its continuation as it may. */
const RECOGNISED = 8

const begins = (text: string, part: string): boolean => {
  const length = Math.min(RECOGNISED, text.length, part.length)
  return length > 0 && text.slice(0, length) === part.slice(0, length)
}

const itemsOf = (call: RuntimeCall): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  let last: string | null = null
  const byName = new Map<string, Item>()
  for (const { item: name, offeredAt, takenAt, text } of call.offers) {
    if (name === null) continue
    let item = byName.get(name)
    if (item === undefined) {
      item = { call, pieces: [], text: "" }
      byName.set(name, item)
      items.push(item)
    }
    item.pieces.push({ text, offeredAt, takenAt })
    item.text += text
    last = name
  }
  return last === null ? [] : items
}

/** The text of each part, by turn, in the order in which the log began them. */
const partsByTurn = (events: ReadonlyArray<LoggedEvent>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const turns = new Map<string, Map<string, string>>()
  for (const event of events) {
    if (event.type !== "thread.message-segment-appended") continue
    const { messageId, partId, text, turnId } = event.data
    const parts = turns.get(turnId) ?? new Map<string, string>()
    turns.set(turnId, parts)
    const key = `${messageId} ${partId}`
    parts.set(key, (parts.get(key) ?? "") + text)
  }
  return new Map([...turns].map(([turnId, parts]) => [turnId, [...parts.values()]]))
}

const outcomeOf = (turnId: string, { call, pieces, text }: Item, part: string): TextOutcome => {
  let durable = 0
  while (durable < part.length && durable < text.length && text[durable] === part[durable]) durable++
  const deviation = durable === part.length ? null : deviationOf(text, part, durable)
  return { turnId, call, pieces, durable, deviation }
}

const deviationOf = (text: string, part: string, at: number): NonNullable<TextOutcome["deviation"]> => {
  const beyond = part.slice(at, at + 12)
  const from = text.indexOf(beyond)
  const kind = from === -1 ? "foreign" : from < at ? "doubled" : "skipped"
  return { kind, text: `at ${at} the log goes on with ${JSON.stringify(beyond)}` }
}
