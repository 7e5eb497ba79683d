import { assert, describe, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect } from "effect"
import { breaks } from "./breaks.ts"
import { problems, reportText, summary } from "./report.ts"
import { runRecordings, type RunOptions } from "./runRecordings.ts"
import { folderOf, type Transcript, transcripts } from "./testing/transcripts.ts"

const run = (options: Pick<RunOptions, "folder"> & Partial<RunOptions>) =>
  Effect.flatMap(TestDatabase, ({ url }) =>
    runRecordings({ databaseUrl: url, seed: "test", only: undefined, break: undefined, ...options })
  ).pipe(Effect.provide(TestDatabase.layer))

/** Every API, with text that spills, tools whose results come back, and errors. */
const few: ReadonlyArray<Transcript> = transcripts.filter(({ file }) =>
  /chat-(long|tools|cut)|responses-(tools|failed)|messages-tools|agent/.test(file)
)

const isWithTools = ({ file }: Transcript) => file.includes("chat-tools")

describe("Recordings played through a whole server", { timeout: 120_000 }, () => {
  it.live("are seen by client, read model and log as the oracle sees them, however their bytes are cut", () =>
    Effect.gen(function* () {
      const report = yield* run({ folder: yield* folderOf(transcripts) })
      assert.deepStrictEqual(summary(report).mismatches, [])
      assert.deepStrictEqual(problems(report), [])
      const { files, mismatched, oracle, passes, skipped, stuck } = summary(report)
      assert.deepStrictEqual([files, mismatched, skipped, stuck], [transcripts.length, 0, 0, 0])
      assert.deepStrictEqual(
        passes.map(({ bytes, mode, spill }) => [bytes, mode, spill]),
        [
          ["as recorded", "buffered", 24_000],
          ["as recorded", "streaming", 24_000],
          ["cut anew", "buffered", 64],
          ["cut anew", "streaming", 64]
        ]
      )
      for (const pass of passes) {
        assert.deepStrictEqual([pass.characters, pass.toolCalls], [oracle.characters, oracle.toolCalls])
        assert.strictEqual(pass.liveFrames > 0, pass.mode === "streaming")
        assert.isAbove(pass.failed, 0)
        assert.strictEqual(pass.completed + pass.failed, pass.turns)
      }
      assert.include(reportText(report), "All as the oracle saw it.")
    }).pipe(Effect.scoped)
  )

  for (const name of breaks) {
    it.live(`report a planted ${name} in every conversation that has a place for it`, () =>
      Effect.gen(function* () {
        const report = yield* run({ folder: yield* folderOf(few), break: name })
        const { breaksPlanted, breaksReported, mismatched, ok } = summary(report)
        assert.isFalse(ok)
        assert.isAtLeast(breaksPlanted, 4)
        assert.deepStrictEqual([breaksReported, mismatched], [breaksPlanted, breaksPlanted])
        assert.include(reportText(report), `${breaksPlanted} of ${breaksPlanted} planted breaks were found.`)
      }).pipe(Effect.scoped)
    )
  }

  it.live("are reported as stuck where a turn does not end in time", () =>
    Effect.gen(function* () {
      const report = yield* run({ folder: yield* folderOf(few), only: "chat-tools", turnLimit: 0 })
      const { ok, stuck } = summary(report)
      assert.deepStrictEqual([ok, stuck], [false, report.passes.length])
    }).pipe(Effect.scoped)
  )

  it.live(
    "are missed where the index names a file that is not there, and where nothing is named at all",
    () =>
      Effect.gen(function* () {
        const missing = yield* run({
          folder: yield* folderOf(few.filter(isWithTools), ["own/gone.sse\town\topenai-chat\tnone\tMIT"])
        })
        assert.deepStrictEqual(problems(missing), ["1 files could not be played."])
        assert.deepStrictEqual(
          missing.skipped.map(({ file }) => file),
          ["own/gone.sse"]
        )
        const empty = yield* run({ folder: yield* folderOf([]) })
        assert.deepStrictEqual(problems(empty), [
          "Nothing was played: the index names no recording of an API that is played."
        ])
      }).pipe(Effect.scoped)
  )
})
