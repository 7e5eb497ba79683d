import assert from "node:assert/strict"
import { join } from "node:path"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"

const cwd = join(import.meta.dirname, "..")

await inScratchDirectory(async (directory) => {
  const service = new Program(nodeProgram("src/main.ts"), {
    cwd,
    env: { PORT: "0", SPILLWAY_DATA_DIR: directory }
  })
  try {
    const url = (await service.printed(/answers at (\S+)\. Try/))[1]!
    const ask = async (body: unknown) => {
      const response = await fetch(`${url}/ask`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask({ threadId: `t${i % 4}`, question: `Question ${i}` }))
    )
    for (const { body, status } of answers) {
      assert.equal(status, 200)
      assert.notEqual(body["answer"], "")
    }
    assert.equal((await ask({ threadId: "t1", question: "" })).status, 400)
    assert.equal((await ask({ threadId: "no spaces", question: "Hello?" })).status, 400)
    await service.stop()
    console.log(`${answers.length} questions in 4 threads answered; a bad one refused; stopped cleanly`)
  } finally {
    await service.kill()
  }
})
