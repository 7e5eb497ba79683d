/**
 * `npm run build`: the `dist` of each published package, made from nothing, in the order in which they depend on each other. A `dist`
 * holds what the package's exports and executables reach and nothing else: no test, no leftover. Each package is compiled against
 * the `dist` of those below it, which is what whoever installs it gets.
 */
import { spawnSync } from "node:child_process"
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { performance } from "node:perf_hooks"
import { type Manifest, type Package, published } from "./workspace.ts"

const executables = (manifest: Manifest): ReadonlyArray<string> => Object.values(manifest.bin ?? {})

/** What an export's condition leads to, where it has that condition. */
const exported = (manifest: Manifest, condition: string): ReadonlyArray<string> =>
  Object.values(manifest.exports ?? {}).flatMap((target) => {
    const path = typeof target === "string" ? undefined : target[condition]
    return path === undefined ? [] : [path]
  })

/** The sources of executables. */
const runnable = (manifest: Manifest): ReadonlyArray<string> =>
  executables(manifest).map((path) => path.replace("/dist/", "/src/").replace(/\.js$/, ".ts"))

/** TypeScript names sources in declarations and finds what was made of them. Other tools don't, so here each names a `.js`. */
const namingOutput = (declarations: string): string =>
  declarations.replace(/((?:from |import ?\(?|module )"\.\.?\/[^"\n]+)\.tsx?"/g, '$1.js"')

const compile = ({ directory, manifest }: Package): void => {
  const dist = join(directory, "dist")
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  const typed = exported(manifest, "types").length > 0
  const project = join(dist, "tsconfig.json")
  writeFileSync(
    project,
    JSON.stringify({
      extends: "../tsconfig.json",
      files: [...exported(manifest, "@spillway/source"), ...runnable(manifest)].map((path) =>
        resolve(directory, path)
      ),
      include: [],
      references: [],
      compilerOptions: {
        composite: false,
        incremental: false,
        tsBuildInfoFile: null,
        customConditions: [],
        // Nobody reads the types of what can only be run.
        declaration: typed,
        declarationMap: typed,
        noEmitOnError: true,
        rootDir: "../src",
        outDir: "."
      }
    })
  )
  const { status } = spawnSync("node_modules/.bin/tsc", ["-p", project], { stdio: "inherit" })
  rmSync(project)
  if (status !== 0) throw new Error(`${manifest.name} does not compile.`)
  for (const path of globSync(join(dist, "**/*.d.ts"))) {
    writeFileSync(path, namingOutput(readFileSync(path, "utf8")))
  }
  for (const path of executables(manifest)) chmodSync(join(directory, path), 0o755)
}

export const build = (): void => {
  for (const each of published()) {
    const since = performance.now()
    compile(each)
    const modules = globSync(join(each.directory, "dist/**/*.js")).length
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    console.log(`${each.manifest.name.padEnd(30)} ${String(modules).padStart(4)} modules, ${seconds} s`)
  }
}

if (import.meta.main) build()
