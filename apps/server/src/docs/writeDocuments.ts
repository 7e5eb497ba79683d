/** `npm run docs`: writes every document that comes from schemas or tables. */
import { writeFileSync } from "node:fs"
import { referenceFiles } from "../config/referenceFiles.ts"
import { documentFiles } from "./documents.ts"

for (const { path, text } of [...referenceFiles(), ...documentFiles()]) {
  writeFileSync(path, text)
  process.stdout.write(`${path}\n`)
}
