import { describe, expect, it } from "@effect/vitest"
import { firstLines, openApi } from "@spillway/contracts/http-api"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { request, type TestRequest } from "../../testing/httpRequest.ts"
import { layerTestServer } from "../../testing/TestServer.ts"

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")

/** The words of a line, as a shell parts them. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  Array.from(
    line.replaceAll("\\\n", " ").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, single, double, plain]) => single ?? double ?? plain!
  )

/** What curl would send. */
const requestOf = (line: string): { readonly path: string; readonly asked: TestRequest } => {
  const [curl, ...words] = wordsOf(line)
  expect(curl).toBe("curl")
  const headers: Record<string, string> = {}
  let body: string | undefined
  let path = ""
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-H") {
      const [name, value] = words.shift()!.split(": ") as [string, string]
      headers[name] = value
    } else if (word === "-d") body = words.shift()!
    else if (word !== "-s") path = word.replace(/\{server\}|\$URL/, "")
  }
  return { path, asked: { headers, ...(body !== undefined && { body }) } }
}

type Operations = Record<string, Record<string, { "x-codeSamples": ReadonlyArray<{ source: string }> }>>

describe("the lines that documentation shows", () => {
  it.live("all work, in the order in which somebody would try them", () =>
    Effect.gen(function* () {
      for (const line of firstLines.filter((line) => line.startsWith("curl -s "))) {
        const { asked, path } = requestOf(line)
        expect([path, (yield* request(path, asked)).status]).toEqual([path, 200])
      }
      const operations = Object.values(openApi("").paths as Operations).flatMap((item) => Object.values(item))
      expect(operations.length).toBeGreaterThan(12)
      for (const { "x-codeSamples": samples } of operations) {
        expect(samples).toHaveLength(1)
        const { asked, path } = requestOf(samples[0]!.source)
        const { status, text } = yield* request(path, asked)
        expect([path, status]).toEqual([path, 200])
        expect(text).not.toBe("")
      }
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("and so do those of the README", () =>
    Effect.gen(function* () {
      const [block] = /```sh\n(curl -s "\$URL[\s\S]*?)```/.exec(readme)!.slice(1)
      const lines = block!.split(/\n(?=curl)/).filter((line) => line.startsWith("curl -s "))
      expect(lines.length).toBeGreaterThan(15)
      for (const line of lines) {
        const { asked, path } = requestOf(line.trim())
        expect([path, (yield* request(path, asked)).status]).toEqual([path, 200])
      }
      // Every address that there is has its line.
      const addresses = Object.keys(openApi("").paths as Operations).filter((path) => path !== "/docs")
      for (const path of addresses) expect(block).toContain(`"$URL${path.replace("{threadId}", "t1")}`)
    }).pipe(Effect.provide(layerTestServer()))
  )
})
