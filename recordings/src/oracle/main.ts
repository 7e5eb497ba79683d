/**
 * The oracle: `node main.ts FOLDER` prints one JSON line per conversation of a folder of recordings: what the AI SDK alone
 * sees in the same bytes. It imports nothing of ours.
 */
import { play } from "./play.ts"
import { readFolder } from "./readFolder.ts"

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write("Say which folder of recordings to read: node main.ts FOLDER\n")
  process.exitCode = 1
} else {
  globalThis.AI_SDK_LOG_WARNINGS = false
  for (const conversation of readFolder(folder)) {
    process.stdout.write(`${JSON.stringify(await play(conversation))}\n`)
  }
}
