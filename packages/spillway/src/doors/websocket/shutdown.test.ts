import { describe, expect, it } from "@effect/vitest"
import { CloseCode } from "@spillway/contracts"
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { createThread, newThreadId } from "../../testing/commands.ts"
import { connect } from "../../testing/TestClient.ts"
import { layerTestServer } from "../../testing/TestServer.ts"
import { Listener } from "../Listener.ts"

describe("a server that stops", () => {
  it.live("answers the commands that are under way, closes every socket with 1001, and takes no more", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(layerTestServer(), scope)
      const url = `ws://${Context.get(services, Listener).address}/v1/ws`
      const busy = yield* connect({ url })
      const idle = yield* connect({ url })
      const silent = yield* connect({ url, hello: false })
      const commands = Array.from({ length: 50 }, () => createThread(newThreadId()))
      for (const command of commands) yield* busy.send({ type: "command", command })
      yield* busy.expect("receipt")
      const stopping = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      for (let i = 1; i < commands.length; i++) {
        // One that was read after the stop began is refused in a way that says to send it again.
        const frame = yield* busy.next
        if (frame.type === "error") expect(frame).toMatchObject({ code: "unavailable", retryable: true })
        else expect(frame).toMatchObject({ type: "receipt", receipt: { status: "accepted" } })
      }
      for (const client of [busy, idle, silent]) {
        expect((yield* client.closed).code).toBe(CloseCode.shuttingDown)
      }
      yield* Fiber.join(stopping)
      expect(
        yield* Effect.promise(() =>
          fetch(url.replace("ws:", "http:")).then(
            () => "open",
            () => "closed"
          )
        )
      ).toBe("closed")
    }).pipe(Effect.scoped)
  )
})
