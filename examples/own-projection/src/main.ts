/** Plays a few turns and prints the table. Run it again and again, or stop it in the middle: each step is counted once. */
import { createSpillway, scripted } from "spillway"
import { createTable, keepUsage, readUsage } from "./usage.ts"

const [turns = "12", threads = "3"] = process.argv.slice(2)

const spillway = await createSpillway({
  database: process.env.DATABASE_URL ?? { directory: process.env.SPILLWAY_DATA_DIR ?? ".spillway" },
  runtimes: [scripted()]
})
await createTable(spillway)
const subscription = await keepUsage(spillway)
console.log("The usage of every thread is kept.")

const { threads: known } = await spillway.threads({ limit: Number(threads) })
const watched = known.map(({ threadId }) => spillway.thread(threadId))
while (watched.length < Number(threads)) watched.push(await spillway.createThread())

for (let turn = 0; turn < Number(turns); turn++) {
  const thread = watched[turn % watched.length]!
  await (
    await thread.startTurn({ text: `Question ${turn}`, options: { script: "tools" } })
  ).completed
  console.log(`Turn ${turn + 1} is done.`)
}

await subscription.caughtUp()
console.table(await readUsage(spillway))
await spillway.close()
