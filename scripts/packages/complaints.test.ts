import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { complaints } from "./complaints.ts"
import { packOne } from "./tarballs.ts"
import { readManifest } from "./workspace.ts"

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "spillway-complaints-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const good: Record<string, string> = {
  "package.json": JSON.stringify({
    name: "gauge",
    version: "1.0.0",
    license: "MIT",
    type: "module",
    bin: { gauge: "./dist/bin.js" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }
    },
    files: ["dist", "src"],
    dependencies: { "@tools/level": "1.0.0" },
    engines: { node: ">=20" }
  }),
  LICENSE: "MIT",
  "README.md": "# gauge",
  "src/index.ts": 'export { level } from "@tools/level/north"',
  "src/bin.ts": "",
  "dist/index.js": 'import { readFile } from "node:fs"\nexport { level } from "@tools/level/north"',
  "dist/index.d.ts": 'export declare const level: import("@tools/level").Level',
  "dist/bin.js": "#!/usr/bin/env node\n"
}

/** What is said of a package that differs from a good one in these files; `undefined` leaves one out. */
const saidOf = async (differing: Record<string, string | undefined> = {}) => {
  for (const [path, text] of Object.entries({ ...good, ...differing })) {
    if (text === undefined) continue
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const destination = join(directory, "packed")
  mkdirSync(destination)
  return complaints(packOne({ directory, manifest: readManifest(directory) }, destination))
}

const manifest = (differing: object) => JSON.stringify({ ...JSON.parse(good["package.json"]!), ...differing })

describe("a tarball", () => {
  it("that can be published has nothing said against it", async () => {
    expect(await saidOf()).toEqual([])
  })

  it("holds its licence and its README", async () => {
    expect(await saidOf({ LICENSE: undefined, "README.md": undefined })).toEqual(
      expect.arrayContaining(["README.md is not in it.", "LICENSE is not in it."])
    )
  })

  it("holds nothing of tests, and nothing that no source was made into", async () => {
    const stray = {
      "src/index.test.ts": "",
      "src/testing/gauges.ts": "",
      "dist/old.js": "",
      "dist/tsconfig.tsbuildinfo": ""
    }
    expect(await saidOf(stray)).toEqual(
      expect.arrayContaining([
        "src/index.test.ts is of a test.",
        "src/testing/gauges.ts serves tests that only we have.",
        "dist/old.js is made of no source that is in it.",
        "dist/tsconfig.tsbuildinfo is made of no source that is in it."
      ])
    )
  })

  it("imports what its package.json names, in its declarations too", async () => {
    const undeclared = {
      "package.json": manifest({ dependencies: {} }),
      "dist/index.js": "export {}",
      "src/index.ts": ""
    }
    expect(await saidOf(undeclared)).toEqual([
      "dist/index.d.ts imports @tools/level, which its package.json does not name."
    ])
  })

  it("asks for versions and not for places on this machine, and has executables that run, as publint says", async () => {
    const said = await saidOf({
      "package.json": manifest({ dependencies: { "@tools/level": "file:../level" } }),
      "dist/bin.js": ""
    })
    expect(said.join("\n")).toMatch(/publint: .*references "file:\.\.\/level"/)
    expect(said.join("\n")).toMatch(/publint: .*bin\.js.*#!\/usr\/bin\/env node/)
  })

  it("has what its exports lead to, as publint says", async () => {
    const said = await saidOf({ "dist/index.js": undefined, "src/index.ts": undefined })
    expect(said.join("\n")).toMatch(/publint: .*index\.js.* does not exist/)
  })

  it("has at most so many bytes", async () => {
    const noise = Array.from({ length: 90_000 }, (_, at) => (at * 2_654_435_761).toString(36)).join("")
    expect((await saidOf({ "src/noise.ts": noise })).join("\n")).toMatch(/It has \d+ bytes, over 524288\./)
  })
})
