/** The packages of this repository, as their package.json files say. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly workspaces?: ReadonlyArray<string>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface Package {
  /** From the root of the repository, such as `packages/contracts`. */
  readonly directory: string
  readonly manifest: Manifest
}

export const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest

/** What somebody who installs the package gets with it, or may bring. */
export const dependenciesOf = (manifest: Manifest): Readonly<Record<string, string>> => ({
  ...manifest.dependencies,
  ...manifest.optionalDependencies,
  ...manifest.peerDependencies
})

export const packages = (): ReadonlyArray<Package> =>
  globSync((readManifest(".").workspaces ?? []).map((folder) => join(folder, "package.json")))
    .map((path) => ({ directory: dirname(path), manifest: readManifest(dirname(path)) }))
    .sort((a, b) => a.directory.localeCompare(b.directory, "en"))

/** Those that are not private, each behind the ones that it depends on. */
export const published = (): ReadonlyArray<Package> => {
  const waiting = packages().filter(({ manifest }) => manifest.private !== true)
  const ordered: Array<Package> = []
  while (waiting.length > 0) {
    const next = waiting.findIndex(
      ({ manifest }) => !waiting.some((other) => other.manifest.name in dependenciesOf(manifest))
    )
    if (next < 0) {
      throw new Error(
        `These depend on each other: ${waiting.map(({ manifest }) => manifest.name).join(", ")}`
      )
    }
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered
}
