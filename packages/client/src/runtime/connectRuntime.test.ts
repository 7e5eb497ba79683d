import { describe, expect, it } from "@effect/vitest"
import { text } from "@spillway/contracts/generator-runtime"
import { Effect } from "effect"
import { endOf, layerRemoteServer, saidIn, startOwn } from "spillway/testing"
import { hostOf } from "../testing/runtimeHost.ts"

describe("a runtime in another process", () => {
  it.live("runs a turn", () =>
    Effect.gen(function* () {
      yield* hostOf({
        own: async function* ({ prompt }) {
          yield text(`you said ${prompt}`)
        }
      })
      const { threadId } = yield* startOwn({ text: "this" })
      const turn = yield* endOf(threadId)
      expect(turn).toMatchObject({ status: "completed", error: null })
      expect(saidIn(turn)).toEqual(["you said this"])
    }).pipe(Effect.scoped, Effect.provide(layerRemoteServer()))
  )
})
