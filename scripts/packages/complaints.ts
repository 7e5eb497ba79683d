/** What is wrong with a tarball, in sentences; nothing when it can be published. */
import { readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import type { Tarball } from "./tarballs.ts"
import { dependenciesOf } from "./workspace.ts"

/** Bytes, packed. The largest package has about half of it; a recording or a binary that slipped in has more. */
export const MOST_BYTES = 512 * 1024

export const complaints = async (tarball: Tarball): Promise<ReadonlyArray<string>> => [
  ...size(tarball),
  ...contents(tarball),
  ...dependencies(tarball),
  ...(await publintOf(tarball))
]

const size = ({ size }: Tarball): ReadonlyArray<string> =>
  size > MOST_BYTES ? [`It has ${size} bytes, over ${MOST_BYTES}.`] : []

const contents = ({ files, manifest }: Tarball): ReadonlyArray<string> => {
  const paths = new Set(files.map(({ path }) => path))
  const offersTesting = Object.keys(manifest.exports ?? {}).some((path) => path.startsWith("./testing"))
  const complaints: Array<string> = []
  for (const path of ["package.json", "README.md", "LICENSE"]) {
    if (!paths.has(path)) complaints.push(`${path} is not in it.`)
  }
  for (const path of paths) {
    const source = path.replace(/^dist\//, "src/").replace(/\.(d\.ts|js)(\.map)?$/, ".ts")
    if (/\.test\.|\/fixtures\//.test(path)) complaints.push(`${path} is of a test.`)
    else if (/\/testing\//.test(path) && !offersTesting)
      complaints.push(`${path} serves tests that only we have.`)
    else if (path.startsWith("dist/") && (source === path || !paths.has(source))) {
      complaints.push(`${path} is made of no source that is in it.`)
    } else if (!/^(dist\/.*\.(js|d\.ts)(\.map)?|src\/.*\.tsx?|[^/]+)$/.test(path)) {
      complaints.push(`${path} does not belong there.`)
    }
  }
  return complaints
}

/** The specifier in `from "…"`, `import "…"`, `import("…")` and `module "…"` that is no path. */
const importedPackage = /\b(?:from|import|module) ?\(?"((?:@[\w.-]+\/)?[\w:.-]*\w[^"\s]*)"/g

/** A workspace finds every package at the root. Whoever installs this one gets only what it names. */
const dependencies = ({ directory, files, manifest }: Tarball): ReadonlyArray<string> => {
  const known = dependenciesOf(manifest)
  const imported = new Map<string, string>()
  for (const { path } of files.filter(({ path }) => /^dist\/.*\.(js|d\.ts)$/.test(path))) {
    const text = readFileSync(join(directory, path), "utf8")
    for (const [, specifier] of text.matchAll(importedPackage)) imported.set(specifier!, path)
  }
  const complaints: Array<string> = []
  for (const [specifier, path] of imported) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
    if (!isBuiltin(specifier) && name !== manifest.name && !(name in known))
      complaints.push(`${path} imports ${name}, which its package.json does not name.`)
  }
  return complaints
}

const publintOf = async ({ manifest, path }: Tarball): Promise<ReadonlyArray<string>> => {
  const bytes = readFileSync(path)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  return messages.map(
    (message) => `publint: ${formatMessage(message, { ...manifest }, { color: false }) ?? message.code}`
  )
}
