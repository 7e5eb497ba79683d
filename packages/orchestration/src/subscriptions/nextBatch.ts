import type { LoggedEvent, ThreadEventType } from "@spillway/contracts"
import { Effect, Option, Stream } from "effect"
import { followAgain, type Publisher } from "../Publisher.ts"

export interface Batch {
  /** At most `size`; none where all that came is of other types. */
  readonly events: ReadonlyArray<LoggedEvent>
  /** The position of the last one, or of the last that was left out. */
  readonly through: number
}

/** What comes after a position, waiting for it. The log being away is waited for, too. */
export const nextBatch = (
  publisher: Publisher["Service"],
  after: number,
  size: number,
  types: ReadonlyArray<ThreadEventType> | undefined
): Effect.Effect<Batch> =>
  Stream.runHead(publisher.follow(after)).pipe(
    Effect.retry(followAgain),
    Effect.orDie,
    Effect.map((found) => batchOf(Option.getOrThrow(found), size, types))
  )

const batchOf = (
  come: ReadonlyArray<LoggedEvent>,
  size: number,
  types: ReadonlyArray<ThreadEventType> | undefined
): Batch => {
  const wanted = types === undefined ? come : come.filter(({ type }) => types.includes(type))
  const events = wanted.slice(0, size)
  const last = wanted.length > events.length ? events : come
  return { events, through: last[last.length - 1]!.position }
}
