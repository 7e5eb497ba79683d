/**
 * What is left of the service once it is closed: plays turns through it, closes it, and tells as JSON what still keeps this process
 * alive. It then ends by itself, or would not.
 */
import { readFileSync } from "node:fs"
import { scripted } from "spillway"
import { buildService } from "./service.ts"

const [directory = ".spillway", count = "1000"] = process.argv.slice(2)
const turns = Number(count)
const chats = 20

const app = await buildService({ database: { directory }, runtimes: [scripted()] })
const url = await app.listen({ port: 0 })

const post = async (path: string, body: unknown): Promise<string> => {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response.text()
}

let answered = 0
const talk = async (chat: number): Promise<void> => {
  const { chatId } = JSON.parse(await post("/chats", { title: `Chat ${chat}` })) as { chatId: string }
  for (let turn = 0; turn < turns / chats; turn++) {
    if ((await post(`/chats/${chatId}/messages`, { text: `Message ${turn}` })) !== "") answered++
  }
}
const startedAt = performance.now()
await Promise.all(Array.from({ length: chats }, (_, chat) => talk(chat)))
const seconds = (performance.now() - startedAt) / 1_000

/** Child processes of this one, such as Postgres. Known on Linux; elsewhere the parent looks whether the directory is free again. */
const children = (): ReadonlyArray<string> => {
  try {
    const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim()
    return pids === "" ? [] : pids.split(" ")
  } catch {
    return []
  }
}

const whileRunning = children().length
await app.close()
/** What this process itself is given, its output, is not left behind by anybody. */
const leftNow = () =>
  process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap" && kind !== "TTYWrap")
// A closed handle leaves the list within a few turns of the loop.
for (let turn = 0; turn < 10 && leftNow().length > 0; turn++) {
  await new Promise((resolve) => setImmediate(resolve))
}
const left = leftNow()
console.log(JSON.stringify({ answered, seconds, whileRunning, left, children: children() }))
