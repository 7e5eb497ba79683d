// From CommonJS: ES modules without top-level await can be required since Node 20.19 and 22.12.
const assert = require("node:assert/strict")
const { connect, timeline } = require("@spillway/client")
const { createSpillway, scripted } = require("spillway")

const main = async () => {
  const spillway = await createSpillway({ database: process.env.DATABASE_URL, runtimes: [scripted()] })
  const thread = await spillway.createThread()
  const turn = await thread.startTurn({ text: "hello" })
  assert.equal((await turn.completed).status, "completed")
  assert.equal(timeline(await thread.view()).length, 2)
  assert.equal(typeof connect, "function")
  await spillway.close()
  console.log("completed")
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
