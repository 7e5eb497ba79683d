/** What tests of rebuilds share: processes that rebuild, and logs that are worth it. */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { ThreadId } from "@spillway/contracts"
import { Context, Effect, Layer, Redacted, Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { Publisher } from "../Publisher.ts"
import { ReadModels } from "../ReadModels.ts"
import * as c from "./commands.ts"
import { process as processOf } from "./readModelStack.ts"
import { ThreadLog } from "./ThreadLog.ts"
import { checkProjections } from "../projections/check/checkProjections.ts"
import * as PostgresReadModels from "../projections/PostgresReadModels.ts"
import type { RebuildReport } from "../projections/rebuild/rebuild.ts"
import type { RebuildStep } from "../projections/rebuild/RebuildProgress.ts"

export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** That many turns, over a few threads; some stay open. Answers the last position. */
export const talk = Effect.fnUntraced(function* (name: string, turns: number) {
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
      c.append(message, `one of ${name}`),
      c.call(message, turn),
      c.output(turn, "working"),
      c.closeCall(turn)
    )
    if (i % 9 !== 8) {
      position = yield* log.run(threadId, c.closeMessage(message), c.closeStep(turn), c.closeTurn(turn))
    }
  }
  return position
})

/** Many events at once, without much in them. */
export const fill = Effect.fnUntraced(function* (name: string, events: number) {
  const log = yield* ThreadLog
  const thread = (i: number) => ThreadId.make(`thread-${name}-${i % 50}`)
  yield* log.append(
    range(0, 50).map((i) => ({ threadId: thread(i), event: { type: "thread.created", data: {} } }))
  )
  let position = 0
  for (let from = 0; from < events; from += 2_000) {
    position = yield* log.append(
      range(from, Math.min(events, from + 2_000)).map((i) => ({
        threadId: thread(i),
        event: { type: "thread.updated", data: { title: `${name} ${i}` } }
      }))
    )
  }
  return position
})

export const differences = Effect.map(checkProjections({ lookups: 20 }), ([report]) => report!.named)

const fixture = new URL("../projections/rebuild/fixtures/rebuild.ts", import.meta.url).pathname

/** A process that rebuilds; it stops where it is told to. */
export const spawnRebuild = Effect.fnUntraced(function* (stopAt?: RebuildStep["phase"]) {
  const { url } = yield* TestDatabase
  const child: ChildProcess = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", fixture], {
        env: { ...process.env, DATABASE_URL: Redacted.value(url), STOP_AT: stopAt ?? "" },
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]()
  const next = async (): Promise<RebuildStep | RebuildReport | undefined> => {
    const line = await lines.next()
    return line.done === true ? undefined : (JSON.parse(line.value) as RebuildStep | RebuildReport)
  }
  return {
    /** Once it stands there. */
    stopped: Effect.promise(async () => {
      while (true) {
        const step = await next()
        if (step === undefined) throw new Error(`The rebuild ended before the phase ${stopAt}`)
        if ("phase" in step && step.phase === stopAt && step.events > 0) return step
      }
    }),
    kill: Effect.promise(async () => {
      child.kill("SIGKILL")
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
    }),
    report: Effect.promise(async () => {
      let last: RebuildStep | RebuildReport | undefined
      for (let said = await next(); said !== undefined; said = await next()) last = said
      if (last === undefined || "phase" in last) throw new Error("The rebuild ended without a report")
      return last
    })
  }
})

/** Another process that projects and reads, on the same database. */
export const startProcess = Effect.gen(function* () {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const context = yield* Layer.buildWithScope(
    Layer.fresh(
      PostgresReadModels.layer.pipe(Layer.provideMerge(Publisher.layer), Layer.provideMerge(processOf))
    ).pipe(Layer.provide(Layer.succeed(TestDatabase, yield* TestDatabase))),
    scope
  )
  return { models: Context.get(context, ReadModels), scope, context }
})
