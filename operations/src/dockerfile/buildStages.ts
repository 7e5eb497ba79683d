/**
 * Carries out a recipe without Docker: each stage has a folder that stands for its root, `COPY` copies between them, `RUN` runs in a
 * shell. The base image must be the Node that this runs on. Nothing is a container here, so commands must keep to relative paths.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { basename, dirname, isAbsolute, join, matchesGlob, relative, resolve } from "node:path"
import type { Stage, Step } from "./Recipe.ts"

type Of<K extends Step["do"]> = Extract<Step, { readonly do: K }>

export interface Image {
  /** The folder that stands for its root. */
  readonly root: string
  /** Where it starts, inside of the root. */
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly user: string | undefined
  readonly ports: ReadonlyArray<string>
  readonly stopSignal: string | undefined
  readonly healthcheck: Of<"healthcheck"> | undefined
  readonly entrypoint: ReadonlyArray<string>
  readonly command: ReadonlyArray<string>
}

export interface BuildOptions {
  /** What is built from. */
  readonly context: string
  /** Holds a folder for each stage. */
  readonly scratch: string
  /** For `RUN`. What a base image brings along: a PATH, a HOME. */
  readonly environment: Readonly<Record<string, string>>
  readonly progress: (line: string) => void
}

/** The last stage. */
export const buildStages = (stages: ReadonlyArray<Stage>, options: BuildOptions): Image => {
  const built = new Map<string, Image>()
  let last: Image | undefined
  for (const [i, stage] of stages.entries()) {
    if (stage.image !== nodeImage(stage.image))
      throw new Error(`${stage.image} is not the Node that this runs on.`)
    last = buildStage(stage, join(options.scratch, stage.name ?? `stage-${i}`), built, options)
    if (stage.name !== undefined) built.set(stage.name, last)
  }
  if (last === undefined) throw new Error("The Dockerfile has no stage.")
  return last
}

/** `node:24.21.0-trixie-slim` when this is Node 24.21.0: with its version, and its system named. */
const nodeImage = (image: string): string =>
  `node:${process.versions.node}-${/-(trixie-slim|bookworm-slim)$/.exec(image)?.[1]}`

const buildStage = (
  stage: Stage,
  root: string,
  built: ReadonlyMap<string, Image>,
  options: BuildOptions
): Image => {
  const { context, environment: base, progress } = options
  mkdirSync(root, { recursive: true })
  const environment: Record<string, string> = {}
  const args: Record<string, string> = {}
  const labels: Record<string, string> = {}
  let image: Image = {
    root,
    workdir: "/",
    environment,
    labels,
    user: undefined,
    ports: [],
    stopSignal: undefined,
    healthcheck: undefined,
    entrypoint: [],
    command: []
  }
  const filled = (text: string) => fill(text, { ...args, ...environment })
  const inside = (path: string) => join(root, resolve(image.workdir, filled(path)))

  for (const step of stage.steps) {
    progress(`${stage.name ?? "image"}: ${JSON.stringify(step)}`)
    switch (step.do) {
      case "workdir":
        image = { ...image, workdir: resolve(image.workdir, filled(step.path)) }
        mkdirSync(join(root, image.workdir), { recursive: true })
        break
      case "copy": {
        const from = step.from === undefined ? undefined : built.get(step.from)
        if (step.from !== undefined && from === undefined) throw new Error(`There is no stage ${step.from}.`)
        for (const source of step.sources) {
          copy({
            source: from === undefined ? resolve(context, source) : join(from.root, source),
            to: inside(step.to),
            into: step.sources.length > 1 || step.to.endsWith("/"),
            leaveOut: from === undefined ? ignoredIn(context) : () => false
          })
        }
        break
      }
      case "run":
        run(step.script, join(root, image.workdir), { ...base, ...args, ...environment })
        break
      case "arg":
        args[step.name] = filled(step.value)
        break
      case "env":
        environment[step.name] = filled(step.value)
        break
      case "label":
        labels[step.name] = filled(step.value)
        break
      case "user":
        image = { ...image, user: step.user }
        break
      case "expose":
        image = { ...image, ports: [...image.ports, step.port] }
        break
      case "stop-signal":
        image = { ...image, stopSignal: step.signal }
        break
      case "healthcheck":
        image = { ...image, healthcheck: step }
        break
      case "entrypoint":
        image = { ...image, entrypoint: step.command }
        break
      case "cmd":
        image = { ...image, command: step.command }
        break
    }
  }
  return image
}

const fill = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? "")

/** A folder's content goes into `to`; a file becomes `to`, or goes into it. */
const copy = (given: {
  readonly source: string
  readonly to: string
  readonly into: boolean
  readonly leaveOut: (path: string) => boolean
}): void => {
  if (!existsSync(given.source)) throw new Error(`COPY finds no ${given.source}.`)
  const isFolder = statSync(given.source).isDirectory()
  const to = given.into && !isFolder ? join(given.to, basename(given.source)) : given.to
  mkdirSync(isFolder ? to : dirname(to), { recursive: true })
  cpSync(given.source, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !given.leaveOut(path)
  })
}

const ignoredIn = (context: string): ((path: string) => boolean) => {
  const patterns = readFileSync(join(context, ".dockerignore"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
  if (patterns.some((pattern) => pattern.startsWith("!") || isAbsolute(pattern))) {
    throw new Error(".dockerignore has a pattern that is not understood here.")
  }
  return (path) => {
    const inside = relative(context, path)
    return inside !== "" && patterns.some((pattern) => matchesGlob(inside, pattern))
  }
}

const run = (script: string, cwd: string, env: Readonly<Record<string, string>>): void => {
  if (/(^|[\s=])\//.test(script))
    throw new Error(`RUN names an absolute path, and is not tried here: ${script}`)
  const { error, status } = spawnSync("sh", ["-c", script], { cwd, env, stdio: ["ignore", 2, 2] })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`RUN ended with ${status}: ${script}`)
}
