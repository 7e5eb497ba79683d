/**
 * A process as a container would run it, as near as that goes without one: process 1 of its own process namespace, where signals without a
 * handler do nothing, and as a user that is not root and owns none of its files.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

const NOBODY = "65534"

/** What goes before a command so that it is process 1, from the best to none at all. */
const wrappers = (): ReadonlyArray<ReadonlyArray<string>> => {
  const namespace = ["--pid", "--fork", "--kill-child"]
  const demoted = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--no-new-privs"]
  return process.getuid?.() === 0
    ? [["unshare", ...namespace, ...demoted], demoted]
    : [["unshare", "--user", "--map-current-user", ...namespace], []]
}

const isUsable = ([command, ...args]: ReadonlyArray<string>): boolean =>
  command === undefined || spawnSync(command, [...args, "true"], { stdio: "ignore" }).status === 0

export interface Contained {
  readonly child: ChildProcess
  /** False where this machine allows no process namespace. */
  readonly isProcessOne: boolean
  /** Sends it to process 1 itself, as `docker stop` does. */
  readonly signal: (signal: NodeJS.Signals) => void
  readonly output: { stdout: string; stderr: string }
  readonly exited: Promise<number | null>
}

export const contained = (
  command: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
): Contained => {
  const wrapper = wrappers().find(isUsable)
  if (wrapper === undefined) throw new Error("This machine has no way to run a process as another user.")
  const [program, ...args] = [...wrapper, ...command]
  const child = spawn(program!, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
  const output = { stdout: "", stderr: "" }
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text))
  }
  const isProcessOne = wrapper[0] === "unshare"
  return {
    child,
    isProcessOne,
    output,
    exited: new Promise((resolve) => child.once("close", (code) => resolve(code))),
    signal: (signal) => process.kill(isProcessOne ? childOf(child.pid!) : child.pid!, signal)
  }
}

/** `unshare` forks: the namespace's process 1 is its only child. */
const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0])
