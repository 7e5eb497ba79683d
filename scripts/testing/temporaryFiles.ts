/**
 * A directory for the temporary files of a run of vitest, its Postgres's among them; named in `globalSetup`, in front
 * of whatever makes such files. It is in memory where there is room: a database is hundreds of small files, and most of
 * the tests' time would go into making and removing them on a disk. What processes compile of their sources is kept in
 * it too, for the next process.
 */
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { freemem, tmpdir } from "node:os"
import { join } from "node:path"

const memory = "/dev/shm"

/** Short, for the paths of sockets in it: a system's own place may leave them no room. */
const disk = existsSync("/tmp") ? "/tmp" : tmpdir()

/** The directory's name, with the run's process id. */
const pattern = /^spillway-(\d+)-\w{6}$/

/** Bytes; several times what a run has in use at once. */
const enough = 2 * 1024 ** 3

export default function setup(): () => void {
  const directory = (hasRoom() ? makeIn(memory) : undefined) ?? makeIn(disk)
  if (directory === undefined) return () => {}
  process.env["TMPDIR"] = directory
  process.env["NODE_COMPILE_CACHE"] ??= join(directory, "compiled")
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}

const hasRoom = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return Math.min(bavail * bsize, freemem()) >= enough
  } catch {
    return false
  }
}

/** A new directory that any user may enter, if programs may run from it: containers mount /dev/shm without that right. */
const makeIn = (parent: string): string | undefined => {
  removeLeft(parent)
  const directory = mkdtempSync(join(parent, `spillway-${process.pid}-`))
  chmodSync(directory, 0o755)
  const program = join(directory, "program")
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 })
  if (spawnSync(program).status === 0) return directory
  rmSync(directory, { recursive: true, force: true })
  return undefined
}

/** Removes what runs left that were killed. */
const removeLeft = (parent: string): void => {
  for (const name of readdirSync(parent)) {
    const pid = pattern.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 3 })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}
