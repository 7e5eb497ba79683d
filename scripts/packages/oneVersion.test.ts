import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { packages, published } from "./workspace.ts"

const { version } = packages().find(({ manifest }) => manifest.name === "spillway")!.manifest

describe("the version", () => {
  it("is one, in every package of the repository", () => {
    expect(packages().length).toBeGreaterThan(published().length)
    for (const { manifest } of packages()) expect(manifest).toMatchObject({ name: manifest.name, version })
  })

  it("is what packages ask of each other, exactly", () => {
    const names = new Set(packages().map(({ manifest }) => manifest.name))
    for (const { manifest } of packages()) {
      const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest
      for (const asked of [dependencies, devDependencies, optionalDependencies, peerDependencies]) {
        const ours = Object.entries(asked ?? {}).filter(([name]) => names.has(name))
        expect([manifest.name, ...ours]).toEqual([manifest.name, ...ours.map(([name]) => [name, version])])
      }
    }
  })

  it("is the one that a server and the command line tell", () => {
    const source = readFileSync("packages/spillway/src/version.ts", "utf8")
    expect(source).toContain(`VERSION = "${version}"`)
  })
})
