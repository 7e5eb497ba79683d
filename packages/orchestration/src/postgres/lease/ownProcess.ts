/**
 * Who this process is to others on the same machine, and whether the process that such a text names is gone. It names the boot of the
 * kernel, the namespace that its process ids are of, the process and when that began: no other process is ever called the same, and
 * nobody judges a process that it can't see. On systems that don't tell (all but Linux) nothing is said, and nothing is judged.
 */
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

const orNull = <A>(read: () => A): A | null => {
  try {
    return read()
  } catch {
    return null
  }
}

/** Its state (`R`, `S`, `Z`…), and when it began in ticks since the boot. Behind the name, which may hold anything. */
const statOf = (pid: number) =>
  orNull(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    return { state: fields[0]!, began: fields[19]! }
  })

const place = (): string | null =>
  orNull(() => {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
    return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`
  })

export const ownProcess = (): string | null => {
  const here = place()
  const stat = statOf(process.pid)
  return here === null || stat === null ? null : `${here} ${process.pid} ${stat.began}`
}

/** @param named what `ownProcess` said in another process, of this machine or another one. */
export const isGone = (named: string): boolean => {
  const fields = named.split(" ")
  const began = fields.pop()
  const pid = Number(fields.pop())
  if (fields.join(" ") !== place() || !Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH"
  }
  const stat = statOf(pid)
  // Killed and not yet waited for by its parent, or another one under its number.
  return stat !== null && (stat.state === "Z" || stat.state === "X" || stat.began !== began)
}
