/**
 * inversions: a command that was sent after another one was acked stands behind it in the log; and no subscriber was shown an event out of
 * order, or one that the log turned out not to hold.
 */
import type { Counter, Evidence } from "../evidence/Evidence.ts"

export const inversions: Counter = (evidence) => [...overtaken(evidence), ...misled(evidence)]

const overtaken = ({ commands, log }: Evidence): ReadonlyArray<string> => {
  const places = new Map<string, { readonly first: number; last: number }>()
  for (const { commandId, position } of log.events) {
    if (commandId === null) continue
    const place = places.get(commandId)
    if (place === undefined) places.set(commandId, { first: position, last: position })
    else place.last = position
  }
  const entries = [...commands.values()].filter(({ command }) => places.has(command.commandId))
  const acked = entries
    .flatMap(({ acks, command }) => (acks[0] === undefined ? [] : [{ at: acks[0].at, command }]))
    .sort((one, other) => one.at - other.at)
  const sent = entries.toSorted((one, other) => one.firstSentAt - other.firstSentAt)
  let next = 0
  let furthest = { commandId: "", position: 0 }
  return sent.flatMap(({ command: { commandId }, firstSentAt }) => {
    for (; next < acked.length && acked[next]!.at < firstSentAt; next++) {
      const { commandId } = acked[next]!.command
      const { last } = places.get(commandId)!
      if (last > furthest.position) furthest = { commandId, position: last }
    }
    const { first } = places.get(commandId)!
    return first < furthest.position
      ? [`${commandId} stands at ${first}, before ${furthest.commandId}, which was acked before it was sent`]
      : []
  })
}

const misled = ({ log, logSubscribers, subscribers }: Evidence): ReadonlyArray<string> =>
  [...subscribers, ...logSubscribers].flatMap(({ seen, whose }) => {
    const told = seen.complaints.flatMap(({ kind, text }) => (kind === "gap" ? [] : [`${whose}: ${text}`]))
    const length = "threadId" in seen ? (log.byThread.get(seen.threadId)?.length ?? 0) : log.head.position
    const at = "threadId" in seen ? seen.version : seen.position
    return at > length ? [...told, `${whose} was shown ${at} events of ${length}`] : told
  })
