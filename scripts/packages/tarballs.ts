/** The tarballs of the published packages, as npm makes them of what lies in their directories. */
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { type Package, published } from "./workspace.ts"

export interface Tarball extends Package {
  readonly path: string
  /** Bytes, packed. */
  readonly size: number
  readonly shasum: string
  readonly integrity: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly mode: number }>
}

interface NpmPack extends Pick<Tarball, "size" | "shasum" | "integrity" | "files"> {
  readonly filename: string
}

/** Packs what lies in the package's directory. */
export const packOne = ({ directory, manifest }: Package, destination: string): Tarball => {
  const said = execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", destination, resolve(directory)],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }
  )
  // A list up to npm 11, by name from npm 12 on.
  const [packed] = Object.values(JSON.parse(said) as Record<string, NpmPack>)
  if (packed === undefined) throw new Error(`npm packed nothing of ${manifest.name}.`)
  const { filename, files, integrity, shasum, size } = packed
  return { directory, manifest, path: join(destination, filename), size, shasum, integrity, files }
}

/** Packs what was built, into a directory that is empty at first. */
export const packAll = (destination: string): ReadonlyArray<Tarball> => {
  rmSync(destination, { recursive: true, force: true })
  mkdirSync(destination, { recursive: true })
  return published().map((each) => packOne(each, destination))
}
