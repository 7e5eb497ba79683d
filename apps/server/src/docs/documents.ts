/** The documents in docs/ that come from the contracts: what each should hold. `npm run docs` writes them. */
import { asyncApi, protocolBlocks } from "@spillway/contracts/async-api"
import { httpBlocks, openApi } from "@spillway/contracts/http-api"
import { runtimeBlocks } from "@spillway/contracts/runtime-protocol"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { VERSION } from "spillway"

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

const json = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`

/** What stands between `<!-- from the schemas: name -->` and `<!-- end -->` comes from the schemas; all else is written by hand. */
const BLOCK = /(<!-- from the schemas: ([^>]+) -->\n)[\s\S]*?(\n<!-- end -->)/g

/** The names of the blocks that a page has. */
export const blocksOf = (page: string): ReadonlyArray<string> =>
  Array.from(page.matchAll(BLOCK), ([, , name]) => name!)

/** A page with its blocks as they should be. */
const page = (path: string, blocks: Readonly<Record<string, string>>): DocumentFile => ({
  path: inRepository(path),
  text: readFileSync(inRepository(path), "utf8").replace(
    BLOCK,
    (_, begin: string, name: string, end: string) => {
      const block = blocks[name]
      if (block === undefined) {
        throw new Error(`${path} asks for "${name}": the blocks are ${Object.keys(blocks).join(", ")}.`)
      }
      return `${begin}${block}${end}`
    }
  )
})

export interface DocumentFile {
  readonly path: string
  readonly text: string
}

export const documentFiles = (): ReadonlyArray<DocumentFile> => [
  { path: inRepository("docs/asyncapi.json"), text: json(asyncApi(VERSION)) },
  { path: inRepository("docs/openapi.json"), text: json(openApi(VERSION)) },
  page("docs/protocol.md", protocolBlocks()),
  page("docs/http.md", httpBlocks()),
  page("docs/runtime-protocol.md", runtimeBlocks())
]
