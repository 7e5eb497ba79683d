/** Asks the gardener for a bed on the command line, and lets you answer it. */
import { createInterface } from "node:readline/promises"
import { createSpillway, type ThreadView } from "spillway"
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

/** What waits for an answer. */
const pending = (view: ThreadView) =>
  view.turns.flatMap(({ requests }) => requests).find(({ status }) => status === "pending")

const answering = async () => {
  for await (const view of thread.views()) {
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
    if (view.activeTurnId === null) return
  }
}

const asked = answering()
for await (const delta of turn.text()) process.stdout.write(delta)
await asked
const { status } = await turn.completed
console.log(`\n\nThe turn ${status}.`)
await spillway.close()
