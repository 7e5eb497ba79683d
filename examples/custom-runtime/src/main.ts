/** Asks the gardener for a bed on the command line, and lets you answer it. */
import { createInterface } from "node:readline/promises"
import { createSpillway, timeline, type ThreadView } from "spillway"
import { gardener } from "./gardener.ts"

const [bed = "north"] = process.argv.slice(2)

const spillway = await createSpillway({
  database: process.env.DATABASE_URL ?? { directory: process.env.SPILLWAY_DATA_DIR ?? ".spillway" },
  runtimes: [
    gardener({
      moisture: async (bed) => (bed === "north" ? 90 : 210),
      water: async (bed, seconds) => console.log(`\n  (${seconds} seconds of water on the ${bed} bed)`)
    })
  ]
})

const thread = await spillway.createThread({ title: `The ${bed} bed` })
const turn = await thread.startTurn({ text: `How is the ${bed} bed?`, mode: "streaming" })

/** What the gardener has said so far. */
const said = (view: ThreadView) =>
  timeline(view)
    .filter(({ role }) => role === "assistant")
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")

/** What waits for an answer. */
const pending = (view: ThreadView) =>
  view.turns.flatMap(({ requests }) => requests).find(({ status }) => status === "pending")

let printed = 0
for await (const view of thread.views()) {
  const text = said(view)
  process.stdout.write(text.slice(printed))
  printed = text.length
  const request = pending(view)
  if (request !== undefined) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout })
    const answer = await terminal.question(`\n${request.title} [y/n] `)
    terminal.close()
    await thread.respond(request.requestId, {
      type: "approval",
      decision: answer.trim().startsWith("y") ? "approve" : "deny"
    })
  }
  if (view.activeTurnId === null) break
}

const { status } = await turn.completed
console.log(`\n\nThe turn ${status}.`)
await spillway.close()
