/**
 * What runtimes handed over, beside what the log holds of it. A turn's stretches of text stand in the log in the order in which they were
 * begun; one of which nothing reached the log stands nowhere. The output of a tool is known by its call.
 */
import type { LoggedEvent } from "@spillway/contracts"
import type { RuntimeCall } from "../ledger/readTexts.ts"
import { outputItem } from "../ledger/TextLedger.ts"
import type { LogEvidence } from "./readLog.ts"

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

/** Each turn's items and what became of them; and what the log holds that no runtime handed over. */
export interface TurnTexts {
  readonly outcomes: ReadonlyArray<TextOutcome>
  readonly strays: ReadonlyArray<string>
}

interface Item {
  readonly call: RuntimeCall
  readonly name: string
  readonly pieces: Array<Piece>
  text: string
}

/** A part of the log's, `name` being that of its item where the log knows it. */
interface Part {
  readonly name: string | null
  text: string
}

export const turnTexts = (calls: ReadonlyArray<RuntimeCall>, log: LogEvidence): TurnTexts => {
  const logged = partsByTurn(log.events)
  const outcomes: Array<TextOutcome> = []
  const strays: Array<string> = []
  for (const [turnId, ofTurn] of Map.groupBy(calls, (call) => call.turnId)) {
    const waiting = ofTurn.flatMap(itemsOf)
    for (const { name, text } of logged.get(turnId) ?? []) {
      const found = waiting.findIndex(
        (item) =>
          begins(item.text, text) && (name === null ? !item.name.startsWith(OUTPUT) : item.name === name)
      )
      if (found === -1) {
        strays.push(`${turnId}: the log holds ${JSON.stringify(text.slice(0, 60))}, which no runtime wrote`)
        continue
      }
      outcomes.push(outcomeOf(turnId, waiting[found]!, text))
      waiting.splice(found, 1)
    }
    for (const unseen of waiting) outcomes.push(outcomeOf(turnId, unseen, ""))
  }
  return { outcomes, strays }
}

const OUTPUT = outputItem("")

/** So many code units are enough to know a stretch of text again, be its continuation as it may. */
const RECOGNISED = 8

const begins = (text: string, part: string): boolean => {
  const length = Math.min(RECOGNISED, text.length, part.length)
  return length > 0 && text.slice(0, length) === part.slice(0, length)
}

const itemsOf = (call: RuntimeCall): ReadonlyArray<Item> => {
  const items = new Map<string, Item>()
  for (const { item: name, offeredAt, takenAt, text } of call.offers) {
    if (name === null) continue
    const item = items.get(name) ?? { call, name, pieces: [], text: "" }
    items.set(name, item)
    item.pieces.push({ text, offeredAt, takenAt })
    item.text += text
  }
  return [...items.values()]
}

/** The text of each part, by turn, in the order in which the log began them. */
const partsByTurn = (events: ReadonlyArray<LoggedEvent>): ReadonlyMap<string, Iterable<Part>> => {
  const turns = new Map<string, Map<string, Part>>()
  const add = (turnId: string, key: string, name: string | null, text: string) => {
    const parts = turns.get(turnId) ?? new Map<string, Part>()
    turns.set(turnId, parts)
    const part = parts.get(key) ?? { name, text: "" }
    parts.set(key, part)
    part.text += text
  }
  for (const event of events) {
    if (event.type === "thread.message-segment-appended") {
      const { messageId, partId, text, turnId } = event.data
      add(turnId, `${messageId} ${partId}`, null, text)
    } else if (event.type === "thread.tool-call-output-appended") {
      const { text, toolCallId, turnId } = event.data
      add(turnId, toolCallId, outputItem(toolCallId), text)
    }
  }
  return new Map([...turns].map(([turnId, parts]) => [turnId, parts.values()]))
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
