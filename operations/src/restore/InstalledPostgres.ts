/**
 * A Postgres that this machine has installed, with the tools of its version: `pg_dump` refuses a server that is newer than itself, and
 * the embedded one comes without it. Started on a folder of its own, on loopback, as a user that is not root.
 */
import { Effect, Redacted } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, existsSync, globSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../running/freePort.ts"

export interface Installation {
  /** Where `initdb`, `postgres`, `pg_dump` and the others are. */
  readonly binaries: string
  readonly version: string
}

const NOBODY = 65_534
const OLDEST = 15
const needed = ["initdb", "postgres", "pg_dump", "pg_restore", "pg_basebackup", "createdb", "psql"]

/** The newest that is complete and not too old for Spillway; `undefined` where there is none. */
export const findInstallation = (): Installation | undefined => {
  const folders = [...globSync("/usr/lib/postgresql/*/bin"), ...globSync("/usr/pgsql-*/bin")]
  return folders
    .filter((folder) => needed.every((name) => existsSync(join(folder, name))))
    .map((binaries) => ({
      binaries,
      version:
        /\d+(\.\d+)?/.exec(
          spawnSync(join(binaries, "postgres"), ["--version"], { encoding: "utf8" }).stdout
        )?.[0] ?? "0"
    }))
    .filter(({ version }) => Number.parseInt(version, 10) >= OLDEST)
    .sort((a, b) => Number.parseFloat(b.version) - Number.parseFloat(a.version))[0]
}

const asRoot = process.getuid?.() === 0
const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {}

/** On an empty folder it makes a database; on one that holds one, a base backup say, it runs that. */
export const startInstalled = Effect.fnUntraced(function* (
  { binaries }: Installation,
  folder: string,
  password: string = randomBytes(12).toString("hex")
) {
  const port = yield* freePort
  yield* Effect.sync(() => prepare(binaries, folder, password))
  const url = Redacted.make(`postgres://spillway:${password}@127.0.0.1:${port}/spillway`)
  const maintenance = Redacted.value(url).replace(/spillway$/, "postgres")
  /** What one of the tools prints. */
  const tool = (name: string, ...args: ReadonlyArray<string>): string => {
    const { status, stderr, stdout } = spawnSync(join(binaries, name), args, {
      encoding: "utf8",
      maxBuffer: 1 << 28
    })
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
    return stdout
  }
  yield* Effect.acquireRelease(
    launch(join(binaries, "postgres"), ["-D", folder, "-h", "127.0.0.1", "-p", String(port), "-k", ""]),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("close", () => resume(Effect.void))
        if (!child.kill("SIGINT")) resume(Effect.void)
      })
  )
  const databases = spawnSync(join(binaries, "psql"), [Redacted.value(url), "-c", "select 1"])
  if (databases.status !== 0)
    yield* Effect.sync(() => tool("psql", maintenance, "-c", "create database spillway"))
  return { url, tool, password }
})

const prepare = (binaries: string, folder: string, password: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (asRoot) chownAll(folder)
  if (readdirSync(folder).length > 0) return
  const secret = `${folder}.password`
  writeFileSync(secret, password)
  const made = spawnSync(
    join(binaries, "initdb"),
    [
      "-D",
      folder,
      "--username=spillway",
      `--pwfile=${secret}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--no-locale"
    ],
    { ...identity, encoding: "utf8", cwd: folder }
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stdout}${made.stderr}`)
}

const chownAll = (folder: string): void => {
  chownSync(folder, NOBODY, NOBODY)
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    chownSync(join(folder, path), NOBODY, NOBODY)
  }
}

/** Once it accepts connections. */
const launch = (program: string, args: ReadonlyArray<string>) =>
  Effect.callback<ReturnType<typeof spawn>>((resume) => {
    const child = spawn(program, [...args], { ...identity, cwd: "/", stdio: ["ignore", "ignore", "pipe"] })
    let said = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (said.includes("ready to accept connections")) resume(Effect.succeed(child))
    })
    child.once("close", () => resume(Effect.die(new Error(`Postgres did not start:\n${said}`))))
  })
