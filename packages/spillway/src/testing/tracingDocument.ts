/** docs/tracing.md, as tests hold spans against it. */
import { readFileSync } from "node:fs"
import type { CollectedSpan } from "./TestCollector.ts"

const page = readFileSync(new URL("../../../../docs/tracing.md", import.meta.url), "utf8")

/** Each span of the documented tree, with the one above it. */
export const documentedTree = (): ReadonlyArray<readonly [name: string, parent: string | null]> => {
  const [, tree = ""] = /## The tree\n\n```text\n([\s\S]*?)```/.exec(page) ?? []
  const above: Array<string> = []
  return tree
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, indent = "", name = ""] = /^([│├└─ ]*)(.*)$/.exec(line) ?? []
      const depth = indent.length / 3
      above[depth] = name
      return [name, depth === 0 ? null : above[depth - 1]!] as const
    })
}

/** The attributes that the document gives each span, and which of them are content. */
export const documentedAttributes = (name: string) => {
  const [, section = ""] = page.split(`### \`${name}\`\n`)
  const rows = section
    .split(/\n##/)[0]!
    .split("\n")
    .filter((line) => line.startsWith("| `"))
  return rows.flatMap((row) => {
    const [, keys = "", meaning = ""] = row.split("|")
    return Array.from(keys.matchAll(/`([^`]+)`/g), ([, key]) => ({
      key: key!,
      isContent: meaning.trim().startsWith("_content_")
    }))
  })
}

/** A span's name as the document has it. */
export const documentedName = ({ attributes, name }: CollectedSpan): string =>
  name
    .replace(`chat ${String(attributes["gen_ai.request.model"])}`, "chat {model}")
    .replace(`execute_tool ${String(attributes["gen_ai.tool.name"])}`, "execute_tool {name}")
