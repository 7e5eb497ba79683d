/**
 * A postmaster and its children. They are no process group to the kernel, because Postgres gives each child a session
 * of its own; all of them are direct children of the postmaster.
 */
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"

/**
 * Sends to all. The postmaster is stopped first, so that none is born meanwhile; one that was on its way is found by
 * looking again.
 */
export const signalAll = (postmaster: number, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void => {
  if (signal !== "SIGCONT") send(postmaster, "SIGSTOP")
  const reached = new Set<number>()
  for (;;) {
    const children = childrenOf(postmaster).filter((child) => !reached.has(child))
    if (children.length === 0) break
    for (const child of children) {
      send(child, signal)
      reached.add(child)
    }
  }
  send(postmaster, signal)
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause
  }
}

const childrenOf = (parent: number): ReadonlyArray<number> =>
  (process.platform === "linux" ? fromProc() : fromPs())
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid)

// Small Linux images come without `ps`.
const fromProc = (): ReadonlyArray<readonly [pid: number, ppid: number]> =>
  Fs.readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const stat = Fs.readFileSync(`/proc/${name}/stat`, "utf8")
        // "pid (name, which may hold anything) state ppid …"
        return [Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])] as const
      } catch {
        return [Number(name), -1] as const
      }
    })

const fromPs = (): ReadonlyArray<readonly [pid: number, ppid: number]> =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
