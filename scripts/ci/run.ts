import { spawn } from "node:child_process"

export interface Ran {
  /** The exit code; null when the command was ended by a signal, as it is after `timeoutMinutes`. */
  readonly code: number | null
  readonly stdout: string
  readonly timedOut: boolean
}

/** Runs a command in a process group of its own, shows its output as it comes, and ends the group when time is up. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: {
    readonly timeoutMinutes: number
    readonly env?: NodeJS.ProcessEnv
    readonly cwd?: string
    readonly as?: { readonly uid: number; readonly gid: number }
    /** Standard output is kept and not shown. */
    readonly quiet?: boolean
  }
): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
      env: options.env ?? process.env,
      cwd: options.cwd ?? process.cwd(),
      ...options.as
    })
    let stdout = ""
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      endGroup(child.pid, "SIGKILL")
    }, options.timeoutMinutes * 60_000)
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk
      if (options.quiet !== true) process.stdout.write(chunk)
    })
    child.on("error", (error) => {
      clearTimeout(timer)
      console.log(error.message)
      resolve({ code: 127, stdout, timedOut })
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, timedOut })
    })
  })

/** Signals a process group as a terminal's Ctrl-C would; one that is gone already is no error. */
export const endGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // No such process: it ended by itself.
  }
}

/** The last line of an output as a JSON object; undefined when it is none. */
export const lastJsonLine = (stdout: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
