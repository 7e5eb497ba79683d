/** A model provider on loopback that speaks OpenAI's chat API, says one sentence, and counts how often it is asked. */
import { Effect } from "effect"
import { createServer } from "node:http"

export const modelProvider = Effect.gen(function* () {
  const asked = { times: 0 }
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((request, response) => {
        request.resume().on("end", () => {
          asked.times += 1
          response.writeHead(200, { "content-type": "text/event-stream" })
          for (const choice of [
            { delta: { role: "assistant", content: "An answer of the model." }, finish_reason: null },
            { delta: {}, finish_reason: "stop" }
          ]) {
            const chunk = {
              id: "c",
              object: "chat.completion.chunk",
              created: 1,
              model: "m",
              choices: [{ index: 0, ...choice }]
            }
            response.write(`data: ${JSON.stringify(chunk)}\n\n`)
          }
          response.end("data: [DONE]\n\n")
        })
      })
      server.listen({ host: "127.0.0.1", port: 0 }, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/v1`, asked }
})
