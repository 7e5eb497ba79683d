import assert from "node:assert/strict"
import { join } from "node:path"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"

const cwd = join(import.meta.dirname, "..")
const turns = 1_000

await inScratchDirectory(async (directory) => {
  const service = new Program(nodeProgram("src/main.ts"), {
    cwd,
    env: { PORT: "0", SPILLWAY_DATA_DIR: join(directory, "service") }
  })
  try {
    const url = (await service.printed(/answers at (\S+)\. Try/))[1]!
    const post = (path: string, body: unknown) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
    const created = await post("/chats", { title: "A question" })
    assert.equal(created.status, 201)
    const { chatId } = (await created.json()) as { chatId: string }
    const answer = await (await post(`/chats/${chatId}/messages`, { text: "Hi!" })).text()
    assert.notEqual(answer, "")
    const chat = (await (await fetch(`${url}/chats/${chatId}`)).json()) as {
      title: string
      messages: ReadonlyArray<{ role: string; parts: ReadonlyArray<{ type: string; text?: string }> }>
    }
    assert.equal(chat.title, "A question")
    assert.deepEqual(
      chat.messages.map(({ role }) => role),
      ["user", "assistant"]
    )
    const texts = chat.messages[1]!.parts.filter(({ type }) => type === "text").map(({ text }) => text)
    assert.equal(texts.join(""), answer)

    assert.equal((await post("/chats/nobody/messages", { text: "Hi!" })).status, 404)
    assert.equal((await fetch(`${url}/spillway/health/ready`)).status, 200)
    assert.equal((await fetch(`${url}/health/ready`)).status, 404)
    const events = await fetch(`${url}/spillway/v1/threads/${chatId}/events`)
    assert.equal(events.status, 200)
    assert.ok(((await events.json()) as { events: ReadonlyArray<unknown> }).events.length > 5)
    assert.equal(await service.stop(), 0)
  } finally {
    await service.kill()
  }

  const many = new Program([...nodeProgram("src/manyTurns.ts"), join(directory, "many"), String(turns)], {
    cwd
  })
  try {
    const report = (await many.printed(/^\{.*\}$/m))[0]
    // It ends by itself: nothing keeps it alive.
    assert.equal(await many.ended(), 0, many.output)
    const { answered, children, left, seconds, whileRunning } = JSON.parse(report) as {
      answered: number
      children: ReadonlyArray<string>
      left: ReadonlyArray<string>
      seconds: number
      whileRunning: number
    }
    assert.equal(answered, turns)
    assert.ok(process.platform !== "linux" || whileRunning > 0)
    assert.deepEqual({ children, left }, { children: [], left: [] })
    console.log(`${turns} turns in ${seconds.toFixed(1)} s; closed, nothing is left and it ends by itself`)
  } finally {
    await many.kill()
  }
})
