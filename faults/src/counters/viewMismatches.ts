/**
 * viewMismatches: at the end, what every subscriber was shown is the log's sequence of events, and every view, of clients and of the
 * server's read models, is the fold of the log: as far as it goes, where it holds the last turns alone. So is each row of the read models.
 */
import { emptyThreadView, foldThread, ThreadId, type ThreadView } from "@spillway/contracts"
import { isDeepStrictEqual } from "node:util"
import type { Counter } from "../evidence/Evidence.ts"
import { digestOf, NOTHING, type Seen } from "../load/Seen.ts"

/** The turns that a view holds at least, where the thread has as many. */
const LEAST_TURNS = 50

export const viewMismatches: Counter = ({ log, logSubscribers, rowDifferences, subscribers, views }) => {
  const folds = new Map<string, ThreadView>()
  const digests = new Map<string, string>()
  for (const [threadId, events] of log.byThread) {
    folds.set(threadId, foldThread(emptyThreadView(ThreadId.make(threadId)), events))
    digests.set(threadId, events.reduce(digestOf, NOTHING))
  }
  const foldOf = (threadId: string) => folds.get(threadId) ?? emptyThreadView(ThreadId.make(threadId))

  const differs = (whose: string, seen: Seen): ReadonlyArray<string> => {
    const { digest, threadId, version, view } = seen
    const fold = foldOf(threadId)
    if (version !== fold.version) {
      return [`${whose} was shown ${version} events of ${threadId}, which has ${fold.version}`]
    }
    if (digest !== (digests.get(threadId) ?? NOTHING)) {
      return [`${whose} was shown other events of ${threadId} than the log holds`]
    }
    return isDeepStrictEqual(view, fold)
      ? []
      : [`${whose} has another view of ${threadId} than the log's fold`]
  }

  return [
    ...rowDifferences,
    ...subscribers.flatMap(({ seen, whose }) => differs(whose, seen)),
    ...logSubscribers.flatMap(({ seen, whose }) => [
      ...(seen.position === log.head.position
        ? []
        : [`${whose} was shown ${seen.position} events of ${log.head.position}`]),
      ...[...seen.threads.values()].flatMap((thread) => differs(whose, thread))
    ]),
    ...views.flatMap(({ view, whose }) => viewDiffers(whose, view, foldOf(view.threadId)))
  ]
}

const viewDiffers = (whose: string, view: ThreadView, fold: ThreadView): ReadonlyArray<string> => {
  const { turns, ...rest } = view
  const { turns: all, ...expected } = fold
  const held = turns.length === 0 ? [] : all.slice(-turns.length)
  if (turns.length < Math.min(LEAST_TURNS, all.length)) {
    return [`${whose} holds ${turns.length} turns of ${view.threadId}, which has ${all.length}`]
  }
  if (!isDeepStrictEqual(rest, expected)) {
    return [
      `${whose} has ${view.threadId} at ${view.version} as ${JSON.stringify(rest)}, and the fold is ${JSON.stringify(expected)}`
    ]
  }
  const i = turns.findIndex((turn, i) => !isDeepStrictEqual(turn, held[i]))
  return i === -1 ? [] : [`${whose} has ${turns[i]!.turnId} otherwise than the log's fold`]
}
