/** A running server, broken on purpose: what a test of the server must be able to tell. */
import { ReadModels, ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import type { Break } from "./ServerUnderTest.ts"

/** Bytes that a leaking server keeps of each command. */
const LEAK = 1024 * 1024

/** Handlers look a service's function up when they call it, so that another one can stand in its place. */
export const breakServer = Effect.fnUntraced(function* (breaks: ReadonlyArray<Break>) {
  const engine = yield* ThreadEngine
  const readModels = yield* ReadModels
  for (const one of breaks) {
    switch (one) {
      case "throws":
        Object.assign(readModels, {
          search: () =>
            Effect.sync(() => {
              throw new Error("planted")
            })
        })
        break
      case "silent": {
        const { dispatch } = engine
        const silent: typeof dispatch = (origin, command) =>
          command.type === "thread.unarchive" ? Effect.never : dispatch(origin, command)
        Object.assign(engine, { dispatch: silent })
        break
      }
      case "leaks": {
        const { dispatch } = engine
        const kept: Array<Uint8Array> = []
        const leaking: typeof dispatch = (origin, command) => {
          kept.push(new Uint8Array(LEAK).fill(1))
          return dispatch(origin, command)
        }
        Object.assign(engine, { dispatch: leaking })
        break
      }
    }
  }
})
