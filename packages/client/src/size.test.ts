import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import { expect, it } from "vitest"

/** Of the core with the Promise face, without React. Bytes. */
const LIMIT = 25 * 1024

/** What a page would load of a module: bundled with all that it imports, and minified. */
const bundleOf = async (file: string, external: ReadonlyArray<string> = []) => {
  const input = fileURLToPath(new URL(file, import.meta.url))
  const bundle = await rolldown({
    input,
    platform: "browser",
    external: [...external],
    logLevel: "silent",
    resolve: { conditionNames: ["@spillway/source", "import", "default"] }
  })
  try {
    const { output } = await bundle.generate({ format: "esm", minify: true })
    const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []))
    const code = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("")
    return { code, modules, gzip: gzipSync(code, { level: 9 }).length }
  } finally {
    await bundle.close()
  }
}

const foreign = (modules: ReadonlyArray<string>) =>
  modules.filter((module) => !/\/packages\/(?:client|contracts)\/src\//.test(module))

it("a page loads less than 25 KiB of it, and nothing of Effect", async () => {
  const { code, gzip, modules } = await bundleOf("./index.ts")
  expect(modules.some((module) => module.endsWith("/contracts/src/thread-view/foldThread.ts"))).toBe(true)
  expect(foreign(modules)).toEqual([])
  expect(code).not.toMatch(/from\s*"|import\s*\(|\brequire\(/)
  expect(gzip).toBeLessThan(LIMIT)
})

it("the hooks add a kilobyte, and leave React to the page", async () => {
  const plain = await bundleOf("./index.ts")
  const hooks = await bundleOf("./react.ts", ["react"])
  expect(foreign(hooks.modules)).toEqual([])
  expect(hooks.gzip).toBeLessThan(1024)
  expect(plain.gzip + hooks.gzip).toBeLessThan(LIMIT)
})

it("a process that runs turns loads less than 12 KiB, and nothing of Effect", async () => {
  const { code, gzip, modules } = await bundleOf("./runtime.ts")
  expect(foreign(modules)).toEqual([])
  expect(code).not.toMatch(/from\s*"|import\s*\(|\brequire\(/)
  expect(gzip).toBeLessThan(12 * 1024)
})
