/**
 * A program that npm does not have: the installed one, else the one that this machine's Debian offers, unpacked into a cache beside
 * `node_modules`. Nothing is installed. `undefined` where neither is to be had.
 */
import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, rmSync } from "node:fs"
import { delimiter, join, resolve } from "node:path"

const cache = resolve("node_modules/.cache/spillway-operations")

/** A download may take as long. Milliseconds. */
const TIMEOUT = 90_000

/** @param path of the program within the package. */
export const debianTool = (name: string, debian: { readonly package: string; readonly path: string }) => {
  const installed = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
  if (installed !== undefined) return installed
  const folder = join(cache, debian.package)
  const unpacked = join(folder, debian.path)
  if (!existsSync(folder)) unpack(debian.package, folder)
  return existsSync(unpacked) ? unpacked : undefined
}

const unpack = (name: string, folder: string): void => {
  const downloads = join(cache, `${name}.download`)
  mkdirSync(downloads, { recursive: true })
  const options = { cwd: downloads, stdio: "ignore", timeout: TIMEOUT } as const
  const download = () => spawnSync("apt-get", ["download", name], options).status === 0
  // Without lists of packages there is nothing to choose from; only root can get them.
  const got =
    download() ||
    (process.getuid?.() === 0 && spawnSync("apt-get", ["update"], options).status === 0 && download())
  const [file] = globSync("*.deb", { cwd: downloads })
  if (got && file !== undefined) {
    mkdirSync(folder, { recursive: true })
    spawnSync("dpkg-deb", ["--extract", file, folder], options)
  }
  rmSync(downloads, { recursive: true, force: true })
}
