import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { createSpillway, scripted } from "spillway"
import { LEFT_OUT } from "../../checking/leftOut.ts"
import { inScratchDirectory, Program } from "../../checking/Program.ts"

const cwd = join(import.meta.dirname)

/** A Python that has the package websockets. `PYTHON` names another one. */
const python = [process.env.PYTHON, "python3", "/usr/bin/python3"].find(
  (candidate) =>
    candidate !== undefined &&
    spawnSync(candidate, ["-c", "import websockets"], { stdio: "ignore" }).status === 0
)
if (python === undefined) {
  console.log("there is no Python with the package websockets here: install both, or name one with PYTHON")
  process.exit(LEFT_OUT)
}

await inScratchDirectory(async (directory) => {
  await using spillway = await createSpillway({ database: { directory }, runtimes: [scripted()] })
  const { url } = await spillway.listen()
  const address = `${url.replace(/^http/, "ws")}/v1/ws`

  const asked = new Program([python, "main.py", address, "What is a spillway?"], { cwd })
  assert.equal(await asked.ended(), 0, asked.output)
  assert.match(asked.output, /\S[^]*\ncompleted\n$/)

  const check = new Program([python, "check.py", address], { cwd })
  assert.equal(await check.ended(), 0, check.output)
  const views = JSON.parse(check.output) as ReadonlyArray<{ threadId: string; turns: ReadonlyArray<unknown> }>
  assert.equal(views.length, 4)
  // What Python folded is what the server's own fold says.
  for (const view of views) assert.deepEqual(view, await spillway.thread(view.threadId).view())
  const turns = views.reduce((sum, { turns }) => sum + turns.length, 0)
  console.log(
    `${turns} turns in Python: each view equal to the server's own, cut connections and an approval included`
  )
})
