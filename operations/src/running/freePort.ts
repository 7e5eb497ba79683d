import { Effect } from "effect"
import { createServer } from "node:net"

/** A port of loopback that nobody listens on now. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen({ host: "127.0.0.1", port: 0 }, () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})
