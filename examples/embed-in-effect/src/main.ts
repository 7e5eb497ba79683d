/** An HTTP service of layers: its routes, its Assistant, and a whole engine below, in one process. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { ThreadId } from "@spillway/contracts"
import { ScriptedRuntime } from "@spillway/provider-runtimes"
import { Console, Effect, Layer, Redacted, Schema } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import { layerProcess } from "spillway/effect"
import { Assistant } from "./Assistant.ts"

const Question = Schema.Struct({ threadId: ThreadId, question: Schema.NonEmptyString })

const layerRoutes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const assistant = yield* Assistant
    yield* router.add(
      "POST",
      "/ask",
      HttpServerRequest.schemaBodyJson(Question).pipe(
        Effect.flatMap(({ question, threadId }) => assistant.ask(threadId, question)),
        Effect.map((answer) => HttpServerResponse.jsonUnsafe({ answer })),
        Effect.catchTags({
          NotAnswered: ({ code, message }) =>
            Effect.succeed(HttpServerResponse.jsonUnsafe({ code, message }, { status: 409 })),
          SchemaError: ({ message }) =>
            Effect.succeed(HttpServerResponse.jsonUnsafe({ code: "invalid", message }, { status: 400 })),
          HttpServerError: () =>
            Effect.succeed(
              HttpServerResponse.jsonUnsafe({ code: "invalid", message: "Send JSON." }, { status: 400 })
            )
        })
      )
    )
  })
)

const { DATABASE_URL, PORT = "3000", SPILLWAY_DATA_DIR = ".spillway" } = process.env

const layerEngine = layerProcess(
  {
    databaseUrl: DATABASE_URL === undefined ? null : Redacted.make(DATABASE_URL),
    dataDirectory: SPILLWAY_DATA_DIR,
    runtimeStallSeconds: 600
  },
  [ScriptedRuntime.make()]
)

const sayWhere = HttpServer.addressFormattedWith((url) =>
  Console.log(`The assistant answers at ${url}. Try:

  curl -s -X POST ${url}/ask -H 'content-type: application/json' -d '{"threadId":"t1","question":"Hello?"}'
`)
)

HttpRouter.serve(layerRoutes, { disableListenLog: true }).pipe(
  Layer.merge(Layer.effectDiscard(sayWhere)),
  Layer.provide(NodeHttpServer.layer(createServer, { port: Number(PORT), host: "127.0.0.1" })),
  Layer.provide(Assistant.layer),
  Layer.provide(layerEngine),
  Layer.launch,
  NodeRuntime.runMain
)
