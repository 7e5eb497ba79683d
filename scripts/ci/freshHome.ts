/**
 * Spillway in a checkout below a home directory of mode 0700 that belongs to one user: `npm start` comes up on a
 * free port, a turn runs to its completion, Ctrl-C ends the server cleanly and leaves no Postgres behind; the
 * second, warm start takes 3 s at most. Throws an Error that says what went wrong.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { chownSync, cpSync, existsSync, lchownSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, join, relative, sep } from "node:path"
import { performance } from "node:perf_hooks"
import { endGroup, lastJsonLine, run } from "./run.ts"

export interface User {
  readonly uid: number
  readonly gid: number
}

const startSeconds = 60
const stopSeconds = 30
/** What a start may take, npm included, once the data directory is there. */
const warmSeconds = 3

/** What a new clone after `npm ci` would hold: no git history, no data, no build output. */
const leftOut = new Set([".git", ".spillway", "reports", "dist", ".tsc", "packed"])

const copyCheckout = (from: string, to: string): void =>
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => {
      const inside = relative(from, path)
      return inside.split(sep)[0] === "node_modules" || !leftOut.has(basename(path))
    }
  })

const chownAll = (path: string, { gid, uid }: User): void => {
  chownSync(path, uid, gid)
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    lchownSync(join(path, entry), uid, gid)
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** The environment of a user who has just logged in: their home, nothing of this npm run's own settings. */
const freshEnvironment = (home: string, port: number): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = {}
  for (const name of ["LANG", "TERM", "TZ"])
    if (process.env[name] !== undefined) env[name] = process.env[name]
  env.HOME = home
  env.PATH = (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":")
  env.SPILLWAY_PORT = String(port)
  return env
}

/** Resolves with the seconds until the server's output names its websocket URL. */
const ready = (server: ChildProcess, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const since = performance.now()
    let output = ""
    const fail = (why: string) => {
      clearTimeout(timer)
      reject(new Error(`${why} Its output:\n${output}`))
    }
    const timer = setTimeout(
      () => fail(`npm start said nothing of ws://…:${port} in ${startSeconds} s.`),
      startSeconds * 1000
    )
    const take = (chunk: Buffer) => {
      output += chunk.toString()
      if (new RegExp(`ws://[^\\s]*:${port}`).test(output)) {
        clearTimeout(timer)
        resolve((performance.now() - since) / 1000)
      }
    }
    server.stdout?.on("data", take)
    server.stderr?.on("data", take)
    server.on("exit", (code) => fail(`npm start ended with ${code} before it was ready.`))
  })

const stopped = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      endGroup(server.pid, "SIGKILL")
      reject(new Error(`The server was still there ${stopSeconds} s after Ctrl-C.`))
    }, stopSeconds * 1000)
    server.on("exit", () => {
      clearTimeout(timer)
      resolve()
    })
    endGroup(server.pid, "SIGINT")
  })

/** Starts the server, runs `body` beside it, stops it. Returns the seconds it took to be ready. */
const withServer = async (
  checkout: string,
  as: User,
  env: NodeJS.ProcessEnv,
  port: number,
  body: () => Promise<void>
): Promise<number> => {
  const server = spawn("npm", ["start"], {
    cwd: checkout,
    env,
    ...as,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"]
  })
  try {
    const seconds = await ready(server, port)
    await body()
    await stopped(server)
    return seconds
  } finally {
    endGroup(server.pid, "SIGKILL")
  }
}

const oneTurn = async (checkout: string, as: User, env: NodeJS.ProcessEnv, port: number): Promise<void> => {
  const turn = ["turn", "--thread", "t1", "--text", "hello", "--mode", "streaming", "--json"]
  const url = ["--url", `ws://127.0.0.1:${port}`]
  const ran = await run("npm", ["run", "--silent", "spillway", "--", ...turn, ...url], {
    cwd: checkout,
    env,
    as,
    quiet: true,
    timeoutMinutes: 1
  })
  const closing = lastJsonLine(ran.stdout)?.type
  if (ran.code !== 0 || closing !== "thread.turn-completed") {
    throw new Error(`spillway turn ended with ${ran.code} and ${String(closing)}. Its output:\n${ran.stdout}`)
  }
}

export const startInFreshHome = async (as: User): Promise<string> => {
  const home = mkdtempSync(join(tmpdir(), "spillway-home-"))
  try {
    const checkout = join(home, "spillway")
    copyCheckout(process.cwd(), checkout)
    chownAll(home, as)
    const port = await freePort()
    const env = freshEnvironment(home, port)
    const cold = await withServer(checkout, as, env, port, () => oneTurn(checkout, as, env, port))
    const warm = await withServer(checkout, as, env, port, () => oneTurn(checkout, as, env, port))
    const left = readdirSync(join(checkout, ".spillway"), { recursive: true, encoding: "utf8" })
      .filter((path) => basename(path) === "postmaster.pid")
      .filter((path) => existsSync(join(checkout, ".spillway", path)))
    if (warm > warmSeconds) throw new Error(`A warm start took ${warm.toFixed(1)} s, over ${warmSeconds} s.`)
    if (left.length > 0) throw new Error("Postgres was left running, or its postmaster.pid was.")
    return `ready after ${cold.toFixed(1)} s, warm after ${warm.toFixed(1)} s, two turns completed`
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
