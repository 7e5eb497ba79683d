/**
 * The links of the repository's Markdown files: where they lead, and which lead nowhere. Addresses elsewhere (`https:`) are not looked at.
 */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"

/** Made or brought by tools, or somebody's data. */
const isForeign = (name: string): boolean =>
  ["node_modules", "dist", "packed"].includes(name) || (name.startsWith(".") && name !== ".changeset")

/** Every Markdown file below a directory, as absolute paths. */
export const markdownFiles = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return isForeign(entry.name) ? [] : markdownFiles(path)
    return entry.isFile() && entry.name.endsWith(".md") ? [path] : []
  })

/** One sentence for each link of the file that leads nowhere, or out of `root`. */
export const brokenLinks = (file: string, root: string): ReadonlyArray<string> =>
  linksOf(readFileSync(file, "utf8")).flatMap((link) => {
    const [path = "", anchor] = link.split("#").map(decodeURIComponent)
    const target = path === "" ? file : resolve(dirname(file), path)
    const broken = (why: string) => [`${relative(root, file)} links to ${link}: ${why}.`]
    if (relative(root, target).startsWith("..")) return broken("that is outside of the repository")
    const found = statSync(target, { throwIfNoEntry: false })
    if (found === undefined) return broken("there is no such file")
    if (anchor === undefined) return []
    if (!found.isFile() || !target.endsWith(".md")) return broken("only Markdown files have anchors")
    const anchors = anchorsOf(readFileSync(target, "utf8"))
    return anchors.has(anchor) ? [] : broken("that file has no such heading")
  })

/** The targets of a document's links that are no addresses elsewhere, in order. */
export const linksOf = (markdown: string): ReadonlyArray<string> => {
  const text = withoutFences(markdown).replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/gs, "")
  const targets = [
    ...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g),
    ...text.matchAll(/^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gm),
    ...text.matchAll(/\s(?:href|src)="([^"]+)"/g)
  ]
  return targets.map((match) => match[1]!).filter((target) => !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target))
}

/** What a link may name behind `#`: headings, in GitHub's spelling, and ids that are set by hand. */
export const anchorsOf = (markdown: string): ReadonlySet<string> => {
  const text = withoutFences(markdown)
  const anchors = new Set(Array.from(text.matchAll(/<[a-z]+ (?:id|name)="([^"]+)"/g), (match) => match[1]!))
  const times = new Map<string, number>()
  for (const [, heading] of text.matchAll(/^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/gm)) {
    const slug = slugOf(heading!)
    const before = times.get(slug) ?? 0
    times.set(slug, before + 1)
    anchors.add(before === 0 ? slug : `${slug}-${before}`)
  }
  return anchors
}

const slugOf = (heading: string): string =>
  heading
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-")

const withoutFences = (markdown: string): string =>
  markdown.replaceAll(/^[ \t]*(`{3,}|~{3,})[^\n]*\n(?:[\s\S]*?\n)??[ \t]*\1[^\n]*$/gm, "")
