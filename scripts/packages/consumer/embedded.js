// A service in plain JavaScript: the engine in its process, a runtime of its own, and a client over the websocket.
import assert from "node:assert/strict"
import { connect } from "@spillway/client"
import { aiSdk, createSpillway, defineRuntime, text } from "spillway"

const echo = defineRuntime({
  name: "echo",
  async *run({ prompt }) {
    yield text(`You said: ${prompt}`)
  }
})
// Its package `ai` is not installed here.
const models = aiSdk({ model: { specificationVersion: "v4", provider: "none", modelId: "none" } })

const spillway = await createSpillway({ database: process.env.DATABASE_URL, runtimes: [echo, models] })

// In the process.
const inside = await spillway.createThread({ title: "Inside" })
const turn = await inside.startTurn({ text: "one", mode: "streaming" })
let heard = ""
for await (const delta of turn.text()) heard += delta
assert.equal(heard, "You said: one")
assert.equal((await turn.completed).status, "completed")
const modelled = await inside.startTurn({ text: "two", runtime: "ai-sdk" })
await assert.rejects(modelled.completed, /npm install ai\b/)

// Over the websocket. Node 20 has none of its own; `ws` came with Spillway.
const { url } = await spillway.listen()
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket
const client = connect({ url, WebSocket })
const thread = client.thread()
const { accepted, turnId } = thread.send("three", { mode: "streaming" })
await accepted
assert.equal((await thread.ended(turnId)).status, "completed")
assert.match(JSON.stringify(thread.view), /You said: three/)
client.close()

await spillway.close()
console.log("completed, in the process and over the websocket")
