/** A small support desk: chats are threads, and an answer is streamed as it is written. It knows nothing of Effect. */
import Fastify from "fastify"
import { Readable } from "node:stream"
import { CommandRejected, createSpillway, type SpillwayOptions, timeline } from "spillway"

export const buildService = async (options: Pick<SpillwayOptions, "database" | "runtimes">) => {
  const spillway = await createSpillway(options)
  const app = Fastify({ forceCloseConnections: true })

  // Websockets, event streams and the HTTP API for whoever wants more than these routes: below /spillway.
  spillway.mount(app.server)
  app.addHook("onClose", () => spillway.close())

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof CommandRejected) {
      return reply.status(error.code === "ThreadNotFound" ? 404 : 409).send({ error: error.message })
    }
    return reply.send(error)
  })

  app.post<{ Body: { title?: string } }>("/chats", async ({ body }, reply) => {
    const thread = await spillway.createThread({ title: body.title ?? "A chat" })
    return reply.status(201).send({ chatId: thread.threadId })
  })

  // The answer as plain text, while it is written. Whoever hangs up stops reading, not the turn.
  app.post<{ Params: { chatId: string }; Body: { text: string } }>(
    "/chats/:chatId/messages",
    async ({ body, params }, reply) => {
      const turn = await spillway.thread(params.chatId).startTurn({ text: body.text, mode: "streaming" })
      return reply.type("text/plain; charset=utf-8").send(Readable.from(turn.text()))
    }
  )

  app.get<{ Params: { chatId: string } }>("/chats/:chatId", async ({ params }) => {
    const view = await spillway.thread(params.chatId).view()
    return { title: view.title, status: view.status, messages: timeline(view) }
  })

  return app
}
