/**
 * The HTTP API: everything that a server answers beside the websocket. From it derive the server's routes, the OpenAPI document and the
 * typed client (`HttpApiClient.make(SpillwayHttpApi)`).
 */
import { HttpApi } from "effect/http-api"
import { CommandsApi } from "./CommandsApi.ts"
import { LogApi } from "./LogApi.ts"
import { SearchApi } from "./SearchApi.ts"
import { ServerApi } from "./ServerApi.ts"
import { ThreadsApi } from "./ThreadsApi.ts"

export class SpillwayHttpApi extends HttpApi.make("spillway")
  .add(CommandsApi)
  .add(ThreadsApi)
  .add(SearchApi)
  .add(LogApi)
  .add(ServerApi)
  // A filter that is misspelt must not be passed over: the answer would be another one than was asked for.
  .annotate(HttpApi.QueryParseOptions, { onExcessProperty: "error" }) {}
