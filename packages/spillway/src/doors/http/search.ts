/** `GET /v1/search`. */
import { DEFAULT_TENANT } from "@spillway/contracts"
import { PAGE, type SearchPage, SpillwayHttpApi } from "@spillway/contracts/http-api"
import { type EventLog, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { answer } from "./answer.ts"
import { hitCursor } from "./cursor.ts"
import { searchProblem } from "./readProblem.ts"
import { upToNow } from "./upToNow.ts"

export const layerSearch = HttpApiBuilder.group(
  SpillwayHttpApi,
  "search",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<EventLog | ReadModels>()
    const readModels = yield* ReadModels
    return handlers.handle(
      "search",
      Effect.fnUntraced(function* ({ query: { before, limit = PAGE.hits.usual, q, ...where } }) {
        const place = before === undefined ? {} : { before: yield* hitCursor.placeOf(before) }
        yield* Effect.provideContext(upToNow, services)
        const found = yield* readModels
          .search(DEFAULT_TENANT, { query: q, limit, ...where, ...place })
          .pipe(Effect.mapError(searchProblem))
        return answer<SearchPage>({
          hits: found.hits,
          next: found.before === null ? null : hitCursor.textOf(found.before)
        })
      })
    )
  })
)
