/** A service whose turns run in another process. Started again it goes on where it was: what it asks for, it asks for once. */
import { createSpillway, scripted, timeline, type ThreadView } from "spillway"

const {
  DATABASE_URL,
  PORT = "3000",
  RUNTIME_TOKEN = "change-me",
  SPILLWAY_DATA_DIR = ".spillway"
} = process.env

const spillway = await createSpillway({
  database: DATABASE_URL ?? { directory: SPILLWAY_DATA_DIR },
  runtimes: [scripted()],
  runtimeToken: RUNTIME_TOKEN
})
const { url } = await spillway.listen({ port: Number(PORT) })
console.log(`Runtimes connect to ${url}`)

const thread = await spillway.createThread({ threadId: "almanac", commandId: "create" })
const turn = await thread.startTurn({
  text: "Read me March.",
  runtime: "almanac",
  mode: "streaming",
  commandId: "read"
})

const said = (view: ThreadView) =>
  timeline(view)
    .filter(({ role }) => role === "assistant")
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")

let printed = 0
for await (const view of thread.views()) {
  const text = said(view)
  process.stdout.write(text.slice(printed))
  printed = text.length
  if (view.activeTurnId === null) break
}

const { status } = await turn.completed
console.log(`The turn ${status}.`)
await spillway.close()
