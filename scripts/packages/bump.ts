/**
 * The end of `npm run bump`, after `changeset version` made a new version of every package and their changelogs. All packages have one
 * version: it is written here to the one place in the sources that says it, to the documents that are made of these, and to the lock
 * file.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { readManifest } from "./workspace.ts"

const run = (command: string, ...args: ReadonlyArray<string>): void => {
  execFileSync(command, args, { stdio: "inherit" })
}

const place = "packages/spillway/src/version.ts"

const { version } = readManifest("packages/spillway")
writeFileSync(place, readFileSync(place, "utf8").replace(/VERSION = "[^"]*"/, `VERSION = "${version}"`))
run("npm", "run", "--silent", "docs")
run("npm", "install", "--package-lock-only", "--ignore-scripts")
run("npm", "run", "--silent", "lock")
console.log(`Every package is at ${version} now. Review, commit, and let CI publish it.`)
