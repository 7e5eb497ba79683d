/** A connection to the server in the context that says what it likes. */
import { Effect } from "effect"
import { connect, type Socket } from "node:net"
import { Listener } from "../doors/Listener.ts"

/** `reads: false` leaves what comes where it is. */
export const rawSocket = Effect.fnUntraced(function* ({ reads = true }: { readonly reads?: boolean } = {}) {
  const { port } = yield* Listener
  const socket = yield* Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect(port, "127.0.0.1", () => resume(Effect.succeed(socket)))
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
  let heard = ""
  if (reads) socket.on("data", (chunk: Buffer) => (heard += chunk.toString("utf8")))
  return {
    socket,
    write: (text: string | Buffer) => Effect.sync(() => void socket.write(text)),
    /** What the server said so far. */
    heard: () => heard,
    /** Everything that the server says until it hangs up. */
    untilClosed: Effect.callback<string>((resume) => {
      if (socket.closed) resume(Effect.succeed(heard))
      socket.once("close", () => resume(Effect.succeed(heard)))
    })
  }
})
