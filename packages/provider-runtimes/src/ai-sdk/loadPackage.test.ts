import { createRequire } from "node:module"
import { describe, expect, it } from "vitest"
import { TESTED_WITH } from "./callModel.ts"
import { loadPackage } from "./loadPackage.ts"

describe("a package of the AI SDK", () => {
  it("is loaded where it is installed", async () => {
    const { streamText } = await loadPackage("ai", () => import("ai"))
    expect(streamText).toBeTypeOf("function")
  })

  it("is named with the command that installs it where it is not there", async () => {
    const absent = "@ai-sdk/not-installed-here"
    await expect(loadPackage(absent, () => import(absent))).rejects.toMatchObject({
      _tag: "RuntimeFailed",
      code: "PackageMissing",
      message: expect.stringContaining(`npm install ${absent}`)
    })
  })

  it("is, where it does not fit, told to be the version that we are tested with", () => {
    const { version } = createRequire(import.meta.url)("ai/package.json") as { version: string }
    expect(TESTED_WITH).toBe(version)
  })

  it("that fails while it loads fails as it does", async () => {
    const broken = new TypeError("a bug of the package")
    await expect(loadPackage("ai", () => Promise.reject(broken))).rejects.toBe(broken)
  })
})
