/**
 * Adds the optional packages of other platforms that npm left out of package-lock.json. npm does so when the
 * registry in use does not offer them (a mirror that holds one platform, say), and `npm ci` then refuses the lock
 * file everywhere. Run it after `npm install` whenever `npm ci` says "Missing: … from lock file".
 *
 * What is added carries the version that the parent pins and the platform in its name, and no integrity hash.
 */
import { readFileSync, writeFileSync } from "node:fs"

interface Locked {
  readonly version?: string
  readonly cpu?: ReadonlyArray<string>
  readonly libc?: ReadonlyArray<string>
  readonly os?: ReadonlyArray<string>
  readonly optional?: boolean
  readonly dev?: boolean
  readonly peer?: boolean
  readonly optionalDependencies?: Record<string, string>
}

interface Lockfile {
  packages: Record<string, Locked>
}

/** `binding-linux-x64-musl` runs on linux, x64, musl. */
const platformOf = (name: string) => {
  const [, os, cpu, abi] =
    /(?:^|[-/])([a-z0-9]+)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-([a-z]+))?$/.exec(name) ?? []
  if (os === undefined || cpu === undefined) return undefined
  const libc = abi === "gnu" ? ["glibc"] : abi === "musl" ? ["musl"] : undefined
  return { os: [os], cpu: [cpu], libc }
}

const path = "package-lock.json"
const lock = JSON.parse(readFileSync(path, "utf8")) as Lockfile
const added: Array<string> = []

for (const [parentPath, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (`${parentPath}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages)
      continue
    const platform = platformOf(name)
    if (platform === undefined || !/^\d/.test(version)) {
      throw new Error(
        `${name}@${version} of ${parentPath} is missing, and its platform can't be told from its name.`
      )
    }
    const { cpu, libc, os } = platform
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(parent.dev ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc }),
      optional: true,
      os,
      ...(parent.peer ? { peer: true } : {})
    }
    added.push(name)
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(
  added.length === 0 ? "The lock file was complete." : `Added ${added.length} packages of other platforms.`
)
