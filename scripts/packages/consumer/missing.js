// What is optional and not installed is named, with the command that installs it.
import assert from "node:assert/strict"
import { createSpillway, scripted } from "spillway"

const embedded = createSpillway({ database: { directory: ".spillway" }, runtimes: [scripted()] })
await assert.rejects(embedded, /npm install @spillway\/embedded-postgres/)
console.log("told")
