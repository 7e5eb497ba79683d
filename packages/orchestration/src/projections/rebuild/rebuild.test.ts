import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { ThreadId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { dumpSchema } from "../../postgres/dumpSchema.ts"
import { ReadModels } from "../../ReadModels.ts"
import * as c from "../../testing/commands.ts"
import { readModelStack } from "../../testing/readModelStack.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { checkProjections } from "../check/checkProjections.ts"
import { rebuildProjections } from "./rebuild.ts"

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** That many turns, over a few threads; answers the last position. */
const talk = Effect.fnUntraced(function* (name: string, turns: number) {
  const log = yield* ThreadLog
  let position = 0
  for (const i of range(0, turns)) {
    const turn = `turn-${name}-${i}`
    const message = c.messageOf(turn)
    const threadId = ThreadId.make(`thread-${name}-${i % 8}`)
    const generation = log.state(threadId).generation + 1
    position = yield* log.run(
      threadId,
      c.create({ title: `Thread ${name}` }),
      c.start(turn),
      c.claim(turn, { generation }),
      c.openStep(turn),
      c.openMessage(turn),
      c.append(message, `one of ${name}`)
    )
    if (i % 5 !== 4)
      position = yield* log.run(threadId, c.closeMessage(message), c.closeStep(turn), c.closeTurn(turn))
  }
  return position
})

const differences = Effect.map(checkProjections(), ([report]) => report!.named)

layer(readModelStack, { excludeTestServices: true })("a rebuild", (it) => {
  it.effect("puts tables in place that are equal to those that were there, down to the schema", () =>
    Effect.gen(function* () {
      const models = yield* ReadModels
      const { url } = yield* TestDatabase
      yield* models.waitFor(yield* talk("first", 60))
      const before = yield* dumpSchema({ url })
      const report = yield* rebuildProjections()
      console.log(report)
      expect(yield* dumpSchema({ url })).toBe(before)
      expect(yield* differences).toEqual([])
      yield* models.waitFor(yield* talk("second", 20))
      expect(yield* differences).toEqual([])
    })
  )
})
