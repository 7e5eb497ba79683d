import assert from "node:assert/strict"
import { join } from "node:path"
import { createSpillway, scripted } from "spillway"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"
import { isStepClosed, keepUsage, readUsage, type Usage } from "./usage.ts"

const cwd = join(import.meta.dirname, "..")

await inScratchDirectory(async (directory) => {
  const start = (turns: number) =>
    new Program([...nodeProgram("src/main.ts"), String(turns), "4"], {
      cwd,
      env: { SPILLWAY_DATA_DIR: directory }
    })

  // Killed in the middle of its turns, three times.
  for (const turns of [3, 10, 30]) {
    const program = start(100_000)
    await program.printed(new RegExp(`Turn ${turns} is done`))
    await program.kill()
  }
  const last = start(12)
  assert.equal(await last.ended(), 0, last.output)
  assert.match(last.output, /thread_id[^]*output_tokens/)

  await using spillway = await createSpillway({ database: { directory }, runtimes: [scripted()] })
  const subscription = await keepUsage(spillway)
  await subscription.caughtUp()

  // The same from the log itself, in memory.
  const expected = new Map<string, { -readonly [Key in keyof Usage]: Usage[Key] }>()
  for await (const event of spillway.log({ follow: false })) {
    if (!isStepClosed(event)) continue
    const { inputTokens = 0, outputTokens = 0 } = event.data.usage
    const usage = expected.get(event.threadId) ?? {
      thread_id: event.threadId,
      steps: 0,
      input_tokens: 0,
      output_tokens: 0
    }
    usage.steps++
    usage.input_tokens += inputTokens
    usage.output_tokens += outputTokens
    expected.set(event.threadId, usage)
  }
  const kept = await readUsage(spillway)
  const byThread = (a: Usage, b: Usage) => (a.thread_id < b.thread_id ? -1 : 1)
  assert.deepEqual([...kept].sort(byThread), [...expected.values()].sort(byThread))
  const steps = kept.reduce((sum, usage) => sum + usage.steps, 0)
  assert.ok(steps >= 12)
  console.log(`${steps} steps in ${kept.length} threads, each counted once over three kills`)
})
