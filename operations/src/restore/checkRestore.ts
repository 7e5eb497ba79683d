/**
 * `npm run --silent restore-check`: makes a history, backs it up while the server runs, restores it, starts a server on the copy, and finds
 * the same events and threads, both hash chains whole, and no model called. By `pg_dump` and by a base backup where this machine has a
 * Postgres with its tools, and in any case by a copy of the embedded Postgres' folder.
 */
import { Effect, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { hold, progress, runMain } from "../running/runMain.ts"
import { scratch } from "../running/scratch.ts"
import { startServer } from "../running/ServerProcess.ts"
import { verifyChain } from "./chain.ts"
import { commands } from "./commands.ts"
import { answerParked, type History, makeHistory, runningIsOver, tell, type Told } from "./history.ts"
import { findInstallation, type Installation, startInstalled } from "./InstalledPostgres.ts"
import { modelProvider } from "./ModelProvider.ts"

type Provider = Effect.Success<typeof modelProvider>

const environmentOf = (provider: Provider, more: Record<string, string>) => ({
  SPILLWAY_MODEL_BASE_URL: provider.url,
  SPILLWAY_MODEL: "m",
  SPILLWAY_LOG_LEVEL: "info",
  ...more
})

/** What a server on a copy must tell, given what the original told. */
const isRestored = Effect.fnUntraced(function* (
  environment: Record<string, string>,
  original: Told,
  history: History,
  provider: Provider,
  logId = original.logId
) {
  const askedBefore = provider.asked.times
  const server = yield* startServer(environment)
  const ended = yield* runningIsOver(server.address, history)
  yield* hold(ended === "thread.turn-interrupted", `The turn that ran ended with ${ended}.`)
  const copy = yield* tell(server.address)
  yield* hold(copy.logId === logId, "The log has another id than it should.")
  const differs = original.events.findIndex((event, i) => event !== copy.events[i])
  yield* hold(differs < 0, `The event at position ${differs + 1} is another one.`)
  yield* hold(original.events.length > 0 && copy.views.size === original.views.size, "Threads are missing.")
  for (const [threadId, view] of original.views) {
    // These two went on: their sessions ended with the process.
    if (threadId === history.running || threadId === history.parked) continue
    yield* hold(copy.views.get(threadId) === view, `${threadId} is another one.`)
  }
  const answered = yield* answerParked(server.address, history)
  yield* hold(answered === "thread.turn-completed", `The parked turn ended with ${answered}.`)
  yield* hold(provider.asked.times === askedBefore, "A model was called.")
  yield* hold((yield* server.stop) === 0, `The server did not stop well:\n${server.log()}`)
  return { events: original.events.length, threads: original.views.size }
})

/** A tool of the page's command, with the address of this check and files in its folder. */
const run = (installation: Installation, command: string, folder: string, url: Redacted.Redacted): void => {
  const { HOME = "", PATH = "" } = process.env
  const { status, stderr } = spawnSync("sh", ["-c", command], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${installation.binaries}:${PATH}`,
      HOME,
      DATABASE_URL: Redacted.value(url),
      NEW_DATABASE_URL: Redacted.value(url)
    }
  })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
}

const byTools = Effect.fnUntraced(function* (installation: Installation, provider: Provider) {
  progress(`With Postgres ${installation.version} of this machine.`)
  const folder = yield* scratch("restore")
  const first = yield* startInstalled(installation, join(folder, "first"))
  const original = yield* startServer(environmentOf(provider, { DATABASE_URL: Redacted.value(first.url) }))
  const history = yield* makeHistory(original.address)
  const told = yield* tell(original.address)
  progress(`A history of ${told.head} events in ${told.views.size} threads. Backing it up while it runs.`)
  yield* Effect.sync(() => {
    run(installation, commands.dump, folder, first.url)
    run(installation, commands.baseBackup, folder, first.url)
  })
  yield* original.stop

  progress("Restoring the dump into an empty database.")
  const second = yield* startInstalled(installation, join(folder, "second"))
  yield* Effect.sync(() => run(installation, commands.restore, folder, second.url))
  yield* hold((yield* verifyChain(second.url)) >= told.head, "The restored log is shorter.")
  const dump = yield* isRestored(
    environmentOf(provider, { DATABASE_URL: Redacted.value(second.url) }),
    told,
    history,
    provider
  )
  yield* verifyChain(second.url)

  progress("Running the base backup, as a log of its own.")
  const third = yield* startInstalled(installation, join(folder, "backup"), first.password)
  yield* Effect.sync(() => run(installation, commands.newLog, folder, third.url))
  yield* hold((yield* verifyChain(third.url)) >= told.head, "The base backup's log is shorter.")
  const logId = third
    .tool("psql", Redacted.value(third.url), "-Atc", "select log_id from spillway.log_head")
    .trim()
  yield* hold(logId !== told.logId, "The log's id is still the old one.")
  yield* isRestored(
    environmentOf(provider, { DATABASE_URL: Redacted.value(third.url) }),
    told,
    history,
    provider,
    logId
  )
  return dump
}, Effect.scoped)

const byCopy = Effect.fnUntraced(function* (provider: Provider) {
  progress("With the embedded Postgres, stopped and copied.")
  const folder = yield* scratch("copy")
  const data = join(folder, "spillway")
  const original = yield* startServer(environmentOf(provider, { SPILLWAY_DATA_DIR: data }))
  const history = yield* makeHistory(original.address)
  const told = yield* tell(original.address)
  yield* original.stop
  const copied = join(folder, "copy")
  yield* Effect.sync(() => spawnSync("cp", ["--archive", data, copied]))
  return yield* isRestored(environmentOf(provider, { SPILLWAY_DATA_DIR: copied }), told, history, provider)
}, Effect.scoped)

const check = Effect.gen(function* () {
  const page = readFileSync("docs/backup.md", "utf8")
  for (const command of Object.values(commands)) {
    yield* hold(page.includes(command), `docs/backup.md does not say: ${command}`)
  }
  const provider = yield* modelProvider
  const copied = yield* byCopy(provider)
  const installation = findInstallation()
  if (installation === undefined)
    progress("There is no Postgres with its tools here: pg_dump and pg_basebackup were not tried.")
  const dumped = installation === undefined ? null : yield* byTools(installation, provider)
  yield* hold(provider.asked.times > 0, "No model was called while the history was made.")
  return {
    ok: true,
    copied,
    dumped,
    postgres: installation?.version ?? null,
    modelCalls: provider.asked.times
  }
})

runMain(check)
