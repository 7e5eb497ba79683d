import assert from "node:assert/strict"
import { join } from "node:path"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"

const cwd = join(import.meta.dirname, "..")

await inScratchDirectory(async (directory) => {
  const env = { SPILLWAY_DATA_DIR: directory, RUNTIME_TOKEN: "of the check" }
  const first = new Program(nodeProgram("src/server.ts"), { cwd, env: { ...env, PORT: "0" } })
  const [, port = ""] = await first.printed(/Runtimes connect to http:\/\/127\.0\.0\.1:(\d+)/)
  const runtime = new Program(nodeProgram("src/runtime.ts"), { cwd, env: { ...env, PORT: port } })
  try {
    await first.printed(/\n5 March/)
    await first.kill()
    const second = new Program(nodeProgram("src/server.ts"), { cwd, env: { ...env, PORT: port } })
    try {
      await second.printed(/31 March[^]*The turn completed/)
      assert.equal(await second.ended(), 0, second.output)
      // Whatever was said before and meanwhile is in its log, each day once.
      const days = Array.from(second.output.matchAll(/^(\d+) March/gm), ([, day]) => Number(day))
      assert.deepEqual(
        days,
        Array.from({ length: 31 }, (_, i) => i + 1)
      )
    } finally {
      await second.kill()
    }
    await runtime.printed(/connected[^]*waiting[^]*connected/)
    assert.equal(await runtime.stop(), 0, runtime.output)
  } finally {
    await first.kill()
    await runtime.kill()
  }
  console.log("runs in a process of its own, and goes on when its server is killed")
})
