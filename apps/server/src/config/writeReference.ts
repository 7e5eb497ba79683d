/** `npm run docs`: writes the files that come from the table of settings. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { configurationPage, environmentExample } from "./reference.ts"

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/** What each file should hold. */
export const referenceFiles = (): ReadonlyArray<{ readonly path: string; readonly text: string }> => [
  { path: inRepository("docs/configuration.md"), text: configurationPage() },
  { path: inRepository(".env.example"), text: environmentExample() }
]

if (import.meta.main) {
  for (const { path, text } of referenceFiles()) {
    writeFileSync(path, text)
    process.stdout.write(`${path}\n`)
  }
}
