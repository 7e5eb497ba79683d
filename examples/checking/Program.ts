/** Starts an example as a person would, in a process of its own, and stops it again. For the examples' checks. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Nothing that an example does takes longer, on a busy machine either. Milliseconds. */
const PATIENCE = 120_000

export class Program {
  readonly #child: ChildProcess
  readonly #command: string
  #output = ""
  #listeners = new Set<() => void>()
  readonly #exited: Promise<number | null>

  /**
   * @param command the program and its arguments.
   * @param options.env beside what this process has. A database of the surroundings is none of an example's.
   */
  constructor(command: ReadonlyArray<string>, options: { cwd: string; env?: Record<string, string> }) {
    const [program = "", ...args] = command
    this.#command = command.join(" ")
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, DATABASE_URL: undefined, ...options.env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text
        this.#tell()
      })
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#output += error.message
        resolve(127)
      })
      this.#child.once("close", resolve)
    })
    void this.#exited.then(() => this.#tell())
  }

  get output(): string {
    return this.#output
  }

  /** What the pattern matches in the output, once it does. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return within(
      this.#command,
      () => this.#output,
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(this.#output)
          if (found !== null) return resolve(found)
          if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
            return reject(new Error(`${this.#command} ended before it printed ${pattern}:\n${this.#output}`))
          }
        }
        this.#listeners.add(look)
        look()
      })
    )
  }

  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null> {
    return within(this.#command, () => this.#output, this.#exited)
  }

  /** Ends it as Ctrl-C would. */
  stop(): Promise<number | null> {
    this.#child.kill("SIGINT")
    return this.ended()
  }

  /** Whatever state it is in, it is gone afterwards. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.#exited
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

const within = async <A>(command: string, output: () => string, wanted: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${command} took over ${PATIENCE / 1_000} seconds:\n${output()}`)),
      PATIENCE
    )
  })
  return Promise.race([wanted, tooLate]).finally(() => clearTimeout(timer))
}

/** A directory of its own for as long as `use` takes. */
export const inScratchDirectory = async <A>(use: (directory: string) => Promise<A>): Promise<A> => {
  const directory = await mkdtemp(join(tmpdir(), "spillway-example-"))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Runs a program of this workspace's sources under the Node that runs this. */
export const nodeProgram = (file: string): ReadonlyArray<string> => [
  process.execPath,
  "--conditions=@spillway/source",
  "--no-warnings",
  file
]
