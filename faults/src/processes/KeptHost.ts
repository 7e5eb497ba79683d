/** The host of the remote runtime, kept as the server is: whenever its process ends, another one is started. */
import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { monotonic } from "../monotonic.ts"
import type { HostArguments } from "../remote/HostArguments.ts"

/** Milliseconds between its end and the next start. */
const PAUSE = 500

export const keepHost = Effect.fnUntraced(function* (
  options: Omit<HostArguments, "textLedger"> & { readonly textLedger: (process: number) => string }
) {
  const kills: Array<number> = []
  const textLedgers: Array<string> = []
  let child: ChildProcess | undefined

  const runOnce = Effect.acquireUseRelease(
    Effect.sync(() => {
      const { token, url } = options
      const textLedger = options.textLedger(textLedgers.length)
      textLedgers.push(textLedger)
      child = fork(
        fileURLToPath(new URL("../remote/hostMain.ts", import.meta.url)),
        [JSON.stringify({ url, token, textLedger } satisfies HostArguments)],
        {
          execArgv: ["--conditions=@spillway/source", "--no-warnings"],
          stdio: ["ignore", "ignore", "inherit", "ipc"]
        }
      )
      return child
    }),
    (host) => Effect.promise((signal) => once(host, "close", { signal })),
    (host) => Effect.sync(() => void host.kill("SIGKILL"))
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.ignoreCause(runOnce), Effect.sleep(PAUSE))), {
    startImmediately: true
  })
  return {
    kills,
    textLedgers,
    kill: Effect.sync(() => {
      kills.push(monotonic())
      child?.kill("SIGKILL")
    })
  }
})
