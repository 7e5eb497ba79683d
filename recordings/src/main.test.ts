import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { folderOf, transcripts } from "./testing/transcripts.ts"

const entry = fileURLToPath(new URL("./main.ts", import.meta.url))

const runMain = (...args: ReadonlyArray<string>) =>
  Effect.callback<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resume) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@spillway/source", "--no-warnings", entry, ...args],
      (error, stdout, stderr) =>
        resume(Effect.succeed({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }))
    )
    return Effect.sync(() => child.kill())
  })

const folder = folderOf(transcripts.filter(({ file }) => /chat-t(ext|ools)|zipped/.test(file)))

const lastLine = (stdout: string): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")

describe("The recordings command", { timeout: 120_000 }, () => {
  it.live("prints one object with the figures on its last line, and exits with 0 if all is well", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* runMain(yield* folder, "--json")
      const { breaksReported, characters, completed, conversations, failed, files, interrupted, ...rest } =
        lastLine(stdout)
      assert.deepStrictEqual(
        { files, conversations, completed, failed, interrupted, breaksReported, characters },
        {
          files: 5,
          conversations: 3,
          completed: 4,
          failed: 0,
          interrupted: 0,
          breaksReported: 0,
          characters: 36
        }
      )
      const { mismatched, skipped, stuck, toolCalls, turns } = rest
      assert.deepStrictEqual(
        { turns, stuck, mismatched, skipped, toolCalls },
        { turns: 4, stuck: 0, mismatched: 0, skipped: 0, toolCalls: 2 }
      )
      assert.strictEqual(stderr.trimEnd().split("\n").length, 4)
      assert.strictEqual(code, 0)
    }).pipe(Effect.scoped)
  )

  it.live("exits with 1 and shows where it was, if a break was planted", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* runMain(yield* folder, "--break", "drop-delta", "--only", "chat-text")
      assert.include(stdout, "client: turn 0 step 0 text")
      assert.include(stdout, "4 of 4 planted breaks were found.")
      assert.strictEqual(code, 1)
    }).pipe(Effect.scoped)
  )

  it.live("exits with 1 and one sentence where there is no index", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* runMain("/nowhere/at/all")
      assert.strictEqual(
        stderr,
        "There is no readable index.tsv in /nowhere/at/all. Name a folder of recordings that has one.\n"
      )
      assert.strictEqual(code, 1)
    })
  )
})
