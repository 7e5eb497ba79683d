/** A host of runtimes on the server in the context. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { Effect } from "effect"
import { Listener } from "spillway/effect"
import { RUNTIME_TOKEN } from "spillway/testing"
import { environment, type SocketClass } from "../Environment.ts"
import { makeHost } from "../runtime/connectRuntime.ts"
import type { ConnectRuntimeOptions } from "../runtime/HostOptions.ts"

/** Gone with the scope. It does not wait long between its attempts. */
export const hostOf = (
  runtimes: ConnectRuntimeOptions["runtimes"],
  options: Partial<ConnectRuntimeOptions> = {},
  Socket: SocketClass = WebSocket
) =>
  Effect.gen(function* () {
    const { address } = yield* Listener
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        makeHost(
          { url: `http://${address}`, token: RUNTIME_TOKEN, runtimes, ...options },
          { ...environment(Socket), random: () => 0 }
        )
      ),
      (host) => Effect.promise(() => host.close())
    )
  })
