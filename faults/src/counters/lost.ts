/**
 * lost: of every command whose receipt reached its client, the receipt in the database says the same, and if it was accepted, the event at
 * its version is there, and it is the command's own. A command that was acked twice was told the same twice. And text that a runtime handed
 * over in a turn that came to its own end, on a server that lived, is in the log to its last character.
 */
import { isDeepStrictEqual } from "node:util"
import type { CommandEntry } from "../ledger/CommandLedger.ts"
import type { Counter, Evidence } from "../evidence/Evidence.ts"

export const lost: Counter = (evidence) => [
  ...[...evidence.commands.values()].flatMap((entry) => lostCommand(entry, evidence)),
  ...lostText(evidence)
]

const lostCommand = ({ acks, command }: CommandEntry, { log }: Evidence): ReadonlyArray<string> => {
  const { commandId, threadId, type } = command
  const [first, ...others] = acks
  if (first === undefined) return []
  const { receipt } = first
  const said = `${type} ${commandId}`
  const other = others.find((again) => !isDeepStrictEqual(again.receipt, receipt))
  if (other !== undefined) {
    return [`${said} was told ${JSON.stringify(receipt)}, and then ${JSON.stringify(other.receipt)}`]
  }
  // The id belongs to another command: this answer is not kept.
  if (receipt.status === "rejected" && receipt.rejection._tag === "CommandIdConflict") return []
  const stored = log.receipts.get(commandId)
  if (stored === undefined) return [`${said} was ${receipt.status}, and there is no receipt of it`]
  const isSame =
    stored.threadId === threadId &&
    stored.status === receipt.status &&
    (receipt.status === "accepted"
      ? stored.version === receipt.version
      : isDeepStrictEqual(stored.rejection, receipt.rejection))
  if (!isSame) return [`${said} was told ${JSON.stringify(receipt)}, and stored as ${JSON.stringify(stored)}`]
  if (receipt.status === "rejected") return []
  const event = log.byThread.get(threadId)?.[receipt.version - 1]
  return event?.commandId === commandId
    ? []
    : [`${said} was accepted with version ${receipt.version}, which is not its event in the log`]
}

const lostText = (evidence: Evidence): ReadonlyArray<string> => {
  const completed = new Set<string>()
  const failed = new Set<string>()
  for (const event of evidence.log.events) {
    if (event.type === "thread.turn-completed") completed.add(event.data.turnId)
    if (event.type === "thread.turn-failed" && event.data.reason === "runtime-error")
      failed.add(event.data.turnId)
  }
  const killedAt = new Map(evidence.serverKills.map(({ at, process }) => [process, at]))
  return evidence.texts.outcomes.flatMap(({ call, deviation, durable, pieces, turnId }) => {
    if (deviation?.kind === "skipped") return [`${turnId}: text is missing: ${deviation.text}`]
    const lived = call.returnedAt !== null && call.returnedAt < (killedAt.get(call.process) ?? Infinity)
    // A turn of a remote runtime fails when nobody is there to send its text.
    const ended = completed.has(turnId) || (call.process >= 0 && failed.has(turnId))
    if (!lived || !ended) return []
    const length = pieces.reduce((sum, { takenAt, text }) => sum + (takenAt === null ? 0 : text.length), 0)
    return durable < length
      ? [`${turnId}: ${length} characters were handed over, and the log holds ${durable}`]
      : []
  })
}
