/** The whole log, of all tenants, from a position on. It is read from memory while that reaches back far enough, else from Postgres. */
import type { LoggedEvent } from "@spillway/contracts"
import { EventLog, followAgain, Publisher } from "@spillway/orchestration"
import { Effect, Option, Stream } from "effect"
import { logEvent } from "./eventsInOrder.ts"
import { cursorInvalid, type From } from "./From.ts"
import type { Pulled } from "./iterate.ts"

const PAGE = 512

export const followLog = Effect.fnUntraced(function* ({ after, follow }: From) {
  const log = yield* EventLog
  const publisher = yield* Publisher
  const head = yield* log.head
  if (after > head) return yield* Effect.fail(cursorInvalid(`The log ends at position ${head}`, after))
  let through = after

  const read = follow
    ? Effect.suspend(() => Stream.runHead(publisher.follow(through))).pipe(
        Effect.map(Option.getOrThrow),
        Effect.retry(followAgain),
        Effect.orDie
      )
    : Effect.suspend(() => log.readLog({ afterPosition: through, limit: Math.min(PAGE, head - through) }))

  return {
    next: Effect.suspend(() => {
      if (!follow && through >= head) return Effect.undefined
      return Effect.map(read, (events) => {
        through = events[events.length - 1]!.position
        return events.map(logEvent)
      })
    })
  } satisfies Pulled<LoggedEvent, unknown>
})
