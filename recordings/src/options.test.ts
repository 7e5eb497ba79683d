import { assert, describe, it } from "@effect/vitest"
import { resolve } from "node:path"
import { breaks } from "./breaks.ts"
import { help, parseOptions } from "./options.ts"

const problemOf = (...args: ReadonlyArray<string>): string => {
  const options = parseOptions(args)
  return typeof options === "object" && "problem" in options ? options.problem : "none"
}

describe("The command line", () => {
  it("has a folder and a seed of its own where none are given", () => {
    assert.deepStrictEqual(parseOptions([]), {
      folder: resolve(import.meta.dirname, "../../../shared/recordings"),
      json: false,
      seed: "1",
      only: undefined,
      break: undefined
    })
  })

  it("takes a folder, a seed, a part of an id, and each of the breaks", () => {
    for (const name of breaks) {
      const args = ["some/where", "--json", "--seed", "7", "--only", "chat", "--break", name]
      const folder = resolve("some/where")
      assert.deepStrictEqual(parseOptions(args), { folder, json: true, seed: "7", only: "chat", break: name })
      assert.include(help, name)
    }
    assert.strictEqual(parseOptions(["--help"]), "help")
  })

  it("says what it does not take", () => {
    assert.include(problemOf("--break", "everything"), "Choose one of: drop-delta")
    assert.include(problemOf("a", "b"), "one folder")
    assert.include(problemOf("--faster"), "--faster")
  })
})
