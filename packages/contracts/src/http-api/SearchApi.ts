/** Search over threads: titles, and the text of closed messages. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ThreadId } from "../Ids.ts"
import { SearchPage } from "./Answers.ts"
import { Authorization } from "./Authorization.ts"
import { documentation, perPage } from "./documentation.ts"
import * as examples from "./examples.ts"
import { Cursor, limitOf, PAGE } from "./parameters.ts"
import { anyProblem, UnprocessableContent } from "./Problem.ts"

const search = HttpApiEndpoint.get("search", "/v1/search", {
  query: {
    q: Schema.String,
    threadId: Schema.optionalKey(ThreadId),
    limit: limitOf(PAGE.hits),
    before: Cursor
  },
  success: SearchPage,
  error: [...anyProblem, UnprocessableContent]
})

export class SearchApi extends HttpApiGroup.make("search", { topLevel: true })
  .add(
    search.annotateMerge(
      documentation({
        summary: "Search threads",
        description: [
          "Finds threads by their titles and messages by their text: titles first, then messages, of each the newest first. A message is found once it is closed, also in archived threads; deleted ones are not searched.",
          'All words must be there, in any order. `"so and so"` finds words that stand together, `-word` leaves out what has it, `or` between two lets either do. Any text is a search; one without a word finds nothing. One that takes too long, such as a row of words that stand in very many messages, is given up.'
        ],
        curl: "'{server}/v1/search?q=hello'",
        parameters: {
          q: { description: "What to look for, as a person types it.", example: "hello" },
          threadId: { description: "Only in this thread.", example: "t1" },
          limit: perPage(PAGE.hits)
        },
        answer: { hits: [examples.hit], next: null }
      })
    )
  )
  .middleware(Authorization)
  .annotateMerge(OpenApi.annotations({ title: "Search", description: "What was said, wherever it was." })) {}
