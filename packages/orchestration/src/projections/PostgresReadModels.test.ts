import { DEFAULT_TENANT, ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { ReadModels } from "../ReadModels.ts"
import { assertProjectionsEqualFold } from "../testing/assertProjectionsEqualFold.ts"
import * as c from "../testing/commands.ts"
import { readModelStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"

const read = Effect.fnUntraced(function* (threadId: ThreadId, position: number) {
  const models = yield* ReadModels
  yield* models.waitFor(position)
  return (yield* models.thread(DEFAULT_TENANT, threadId))!.view
})

layer(readModelStack, { excludeTestServices: true })("read models", (it) => {
  it.effect("V8 an open message is in progress in the read model, with the text it has so far", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const thread = ThreadId.make("v8")
      const empty = yield* log.run(thread, ...c.running("v8-turn"))
      const [, reserved] = (yield* read(thread, empty)).turns[0]!.messages
      expect(reserved).toMatchObject({ status: "open", parts: [], closedAt: null })
      const begun = yield* log.run(thread, c.append(c.messageOf("v8-turn"), "so far"))
      const [, message] = (yield* read(thread, begun)).turns[0]!.messages
      expect(message).toMatchObject({
        status: "open",
        parts: [{ type: "text", text: "so far" }],
        closedAt: null
      })
    })
  )

  it.effect("the read models equal the fold of the log", () => assertProjectionsEqualFold)
})
