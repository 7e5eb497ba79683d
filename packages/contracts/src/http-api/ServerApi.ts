/** The server itself. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Liveness, NotReady, Ready, ServerInfo } from "./Answers.ts"
import { Authorization } from "./Authorization.ts"
import { documentation } from "./documentation.ts"
import * as examples from "./examples.ts"
import { anyProblem, Forbidden, InternalServerError } from "./Problem.ts"

/** Of what needs no token. */
const open = [Forbidden, InternalServerError] as const

const info = HttpApiEndpoint.get("info", "/v1/info", { success: ServerInfo, error: anyProblem }).middleware(
  Authorization
)

const live = HttpApiEndpoint.get("live", "/health/live", {
  success: Liveness,
  error: open
})

const ready = HttpApiEndpoint.get("ready", "/health/ready", {
  success: Ready,
  error: [NotReady.pipe(HttpApiSchema.status(503)), ...open]
})

const metrics = HttpApiEndpoint.get("metrics", "/metrics", {
  success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain" })),
  error: anyProblem
}).middleware(Authorization)

const openapi = HttpApiEndpoint.get("openapi", "/openapi.json", { success: Schema.Json, error: open })

const asyncapi = HttpApiEndpoint.get("asyncapi", "/asyncapi.json", { success: Schema.Json, error: open })

const docs = HttpApiEndpoint.get("docs", "/docs", {
  success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
  error: open
})

export class ServerApi extends HttpApiGroup.make("server")
  .add(
    info.annotateMerge(
      documentation({
        summary: "Get what the server is",
        description: ["Its version, the log it stands on, its limits, and what turns run on by default."],
        curl: "{server}/v1/info",
        answer: examples.info
      })
    ),
    live.annotateMerge(
      documentation({
        summary: "Ask whether the process answers",
        description: ["Needs no token."],
        curl: "{server}/health/live",
        answer: { status: "live" }
      })
    ),
    ready.annotateMerge(
      documentation({
        summary: "Ask whether the server can take commands",
        description: [
          "For a load balancer: 200 when commands can be taken now, else 503, with what is wrong. Needs no token."
        ],
        curl: "{server}/health/ready",
        answer: examples.ready
      })
    ),
    metrics.annotateMerge(
      documentation({
        summary: "Read the metrics",
        description: [
          "For Prometheus, in its text format (version 0.0.4). Values are this process's own; reading them costs no query."
        ],
        curl: "{server}/metrics"
      })
    ),
    openapi.annotateMerge(
      documentation({
        summary: "Get this document",
        description: ["OpenAPI 3.1. Needs no token."],
        curl: "{server}/openapi.json"
      })
    ),
    asyncapi.annotateMerge(
      documentation({
        summary: "Get the websocket's document",
        description: ["AsyncAPI 3.0: the frames of the protocol `spillway.v1`. Needs no token."],
        curl: "{server}/asyncapi.json"
      })
    ),
    docs.annotateMerge(
      documentation({
        summary: "Read this document as a page",
        description: ["For people. It loads nothing from anywhere else, and needs no token."],
        curl: "{server}/docs"
      })
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Server", description: "What it is, and how it is." })) {}
