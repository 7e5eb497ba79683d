import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { anchorsOf, brokenLinks, linksOf, markdownFiles } from "./links.ts"

const repository = resolve(import.meta.dirname, "../..")

describe("the documents of the repository", () => {
  const files = markdownFiles(repository)

  it("are all looked at", () => {
    const names = files.map((file) => relative(repository, file))
    expect(names).toEqual(
      expect.arrayContaining([
        "README.md",
        "docs/protocol.md",
        "examples/README.md",
        "packages/spillway/README.md"
      ])
    )
    expect(names.filter((name) => name.includes("node_modules"))).toEqual([])
  })

  it("link to files and headings that are there", () => {
    expect(files.flatMap((file) => linksOf(readFileSync(file, "utf8"))).length).toBeGreaterThan(20)
    expect(files.flatMap((file) => brokenLinks(file, repository))).toEqual([])
  })
})

describe("a link", () => {
  let root: string | undefined
  afterEach(() => root !== undefined && rmSync(root, { recursive: true, force: true }))

  const broken = (texts: Readonly<Record<string, string>>) => {
    root = mkdtempSync(join(tmpdir(), "spillway-links-"))
    for (const [name, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
    return markdownFiles(root).flatMap((file) => brokenLinks(file, root!))
  }

  it("leads to a file, a directory or a heading, seen from its own file", () => {
    const texts = {
      "README.md":
        "# One\n[a](docs/a.md) [b](docs/a.md#two-of-them) [c](docs) [d](#one) ![e](docs/picture.png)",
      "docs/a.md": "## `Two` of them\n[up](../README.md#one)",
      "docs/picture.png": ""
    }
    expect(broken(texts)).toEqual([])
  })

  it("is told of where it leads nowhere, or out of the repository", () => {
    const texts = {
      "README.md": "[a](b.md) [c](docs/a.md#three) [d](#two) [e](../x.md) [f](docs#one)\n\n[g]: gone.md",
      "docs/a.md": "# One\n\n```md\n## Three\n```\n"
    }
    expect(broken(texts)).toEqual([
      "README.md links to b.md: there is no such file.",
      "README.md links to docs/a.md#three: that file has no such heading.",
      "README.md links to #two: that file has no such heading.",
      "README.md links to ../x.md: that is outside of the repository.",
      "README.md links to docs#one: only Markdown files have anchors.",
      "README.md links to gone.md: there is no such file."
    ])
  })

  it("is none in code, nor where it leads elsewhere", () => {
    const text =
      "`[a](b)` ``[`c`](d)`` [e](https://f.g/#h) <http://i> [j](mailto:k)\n\n~~~\n[l](m)\n~~~\n[n](o)"
    expect(linksOf(text)).toEqual(["o"])
  })
})

describe("anchors", () => {
  it("are headings as GitHub spells them, counted where they come twice, and ids", () => {
    const text = [
      "# What *is* it, really?",
      '## A [link](x.md) · more<a id="by-hand"></a>',
      "## Send: `POST /v1/x`",
      "```sh",
      "# a comment",
      "```",
      "## Größe ##",
      "### Größe"
    ].join("\n")
    expect([...anchorsOf(text)]).toEqual([
      "by-hand",
      "what-is-it-really",
      "a-link--more",
      "send-post-v1x",
      "größe",
      "größe-1"
    ])
  })
})
