/** All transcripts of our own, by name: they are always here. */
import { protocols } from "../protocols.ts"
import type { ExpectedTurn } from "../ExpectedTurn.ts"
import type { Recording } from "../Recording.ts"
import * as acp from "./acp.ts"
import * as aiSdk from "./aiSdk.ts"
import * as claudeCode from "./claudeCode.ts"
import * as codex from "./codex.ts"

/** Those on a bus carry two sessions, and are played by the tests that are about it. */
const { bus: _codexBus, codexTurn: _, ...codexTranscripts } = codex
const { bus: _acpBus, ...acpTranscripts } = acp

const completed: ExpectedTurn = { outcome: "completed", said: [], broken: [], calls: [], requests: [] }

const byHand: Record<string, ReadonlyArray<ExpectedTurn>> = {
  "codex/rotatingIds": [{ ...completed, said: ["text: one text"] }]
}

const named = (folder: keyof typeof protocols, transcripts: Record<string, Recording["lines"]>) =>
  Object.entries(transcripts).map(([title, lines]): Recording => {
    const name = `${folder}/${title}`
    const expected = byHand[name]
    return { name, protocol: protocols[folder], lines, ...(expected !== undefined && { expected }) }
  })

export const ownRecordings: ReadonlyArray<Recording> = [
  ...named("codex", codexTranscripts),
  ...named("claudeCode", claudeCode),
  ...named("acp", acpTranscripts),
  ...named("aiSdk", aiSdk)
]

export const own = (name: string): Recording => {
  const found = ownRecordings.find((recording) => recording.name === name)
  if (found === undefined) throw new Error(`There is no transcript ${name}.`)
  return found
}
