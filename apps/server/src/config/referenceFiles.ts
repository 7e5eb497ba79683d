/** The files that come from the table of settings. `npm run docs` writes them. */
import { fileURLToPath } from "node:url"
import { configurationPage, environmentExample } from "./reference.ts"

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/** What each should hold. */
export const referenceFiles = (): ReadonlyArray<{ readonly path: string; readonly text: string }> => [
  { path: inRepository("docs/configuration.md"), text: configurationPage() },
  { path: inRepository(".env.example"), text: environmentExample() }
]
