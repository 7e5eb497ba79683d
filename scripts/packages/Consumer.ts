/**
 * Somebody else's project: an empty directory outside the repository, whose npm knows the local registry, and where nothing of the
 * repository's own tools and settings is in reach.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { endGroup } from "../ci/run.ts"

/** What may take long is a download. */
const MINUTES = 2

export interface Consumer {
  readonly directory: string
  /** Runs a command to its end and answers what it printed. Throws where it fails, with all that it said. */
  readonly run: (command: string, args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv) => Promise<string>
  /** Starts a command and resolves once a line of its output matches, with what the first group caught. */
  readonly start: (
    command: string,
    args: ReadonlyArray<string>,
    ready: RegExp,
    env?: NodeJS.ProcessEnv
  ) => Promise<{ readonly caught: string; readonly stop: () => Promise<number | null> }>
  /** Puts a file of `scripts/packages/consumer` into the project, or a text. */
  readonly put: (name: string, text?: string) => void
  /** Stops what still runs, and removes the project. */
  readonly close: () => Promise<void>
}

/** As after a login: nothing that npm told the script that this is part of, and no `node_modules` on the path. */
const environment = (): NodeJS.ProcessEnv => {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name)
  )
  const path = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"))
  return { ...Object.fromEntries(entries), PATH: path.join(":") }
}

export const openConsumer = (name: string, registry: string): Consumer => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)))
  writeFileSync(join(directory, ".npmrc"), `registry=${registry}\naudit=false\nfund=false\n`)
  writeFileSync(
    join(directory, "package.json"),
    `${JSON.stringify({ name, version: "1.0.0", private: true, type: "module" }, null, 2)}\n`
  )
  const running = new Set<() => Promise<unknown>>()
  const launch = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(command, args, {
      cwd: directory,
      env: { ...environment(), ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })

  return {
    directory,
    run: (command, args, env) =>
      new Promise((resolve, reject) => {
        const child = launch(command, args, env)
        const said = listen(child)
        const timer = setTimeout(() => endGroup(child.pid, "SIGKILL"), MINUTES * 60_000)
        child.on("error", reject).on("close", (code) => {
          clearTimeout(timer)
          const how = `${basename(command)} ${args.join(" ")} ended with ${code}`
          if (code === 0) resolve(said.stdout)
          else reject(new Error(`${how}:\n${said.all}`))
        })
      }),
    start: (command, args, ready, env) =>
      new Promise((resolve, reject) => {
        const child = launch(command, args, env)
        const ended = new Promise<number | null>((done) => child.on("close", done))
        const stop = async (): Promise<number | null> => {
          running.delete(stop)
          endGroup(child.pid, "SIGINT")
          const timer = setTimeout(() => endGroup(child.pid, "SIGKILL"), 30_000)
          const code = await ended
          clearTimeout(timer)
          return code
        }
        running.add(stop)
        const timer = setTimeout(() => endGroup(child.pid, "SIGKILL"), MINUTES * 60_000)
        const said = listen(child, () => {
          const match = ready.exec(said.all)
          if (match === null) return
          clearTimeout(timer)
          resolve({ caught: match[1] ?? "", stop })
        })
        child.on("error", reject).on("close", (code) => {
          clearTimeout(timer)
          reject(
            new Error(
              `${basename(command)} ${args.join(" ")} ended with ${code} before it was ready:\n${said.all}`
            )
          )
        })
      }),
    put: (file, text) => {
      if (text === undefined) cpSync(join(import.meta.dirname, "consumer", file), join(directory, file))
      else writeFileSync(join(directory, file), text)
    },
    close: async () => {
      await Promise.all(Array.from(running, (stop) => stop()))
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

const listen = (child: ChildProcess, onOutput?: () => void) => {
  const said = { stdout: "", all: "" }
  const take = (isStdout: boolean) => (chunk: string) => {
    if (isStdout) said.stdout += chunk
    said.all += chunk
    onOutput?.()
  }
  child.stdout?.setEncoding("utf8").on("data", take(true))
  child.stderr?.setEncoding("utf8").on("data", take(false))
  return said
}
