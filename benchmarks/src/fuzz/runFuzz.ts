/** A run of the fuzzer: a server in a process of its own takes every input, and must be as good as before at the end. */
import { Effect, Redacted } from "effect"
import { type Break, type Measurement, startServerUnderTest } from "../server/ServerUnderTest.ts"
import { verifyChain } from "./chain.ts"
import type { Finding } from "./Finding.ts"
import { growthOf } from "./growth.ts"
import { HttpPlayer } from "./HttpPlayer.ts"
import { playHost } from "./hostPlayer.ts"
import { inputOf } from "./inputs.ts"
import { LogReader } from "./LogReader.ts"
import { changedJsonTexts, makeBaseThreads, sayJsonTexts, serveTurn } from "./service.ts"
import { playWire, WebsocketPlayer } from "./WebsocketPlayer.ts"

export interface FuzzOptions {
  readonly seed: number
  readonly count: number
  /** Only this input. */
  readonly only?: number
  /** An empty database. */
  readonly database: Redacted.Redacted<string>
  readonly breaks?: ReadonlyArray<Break>
  /** Milliseconds that an answer may take. Default: 15,000. */
  readonly patience?: number
  readonly progress: (line: string) => void
}

/** Inputs that are under way at once, each on connections of its own. */
const PLAYERS = 8

/** Measurements of the server's memory over a run, at most; each collects all of its garbage. */
const SAMPLES = 40

/** Inputs between two of them, at least. */
const SHORTEST_PART = 100

/** A run that has found so much has made its point. */
const MOST_FINDINGS = 200

export const runFuzz = Effect.fnUntraced(function* (options: FuzzOptions) {
  const { count, database, only, patience = 15_000, progress, seed } = options
  const began = performance.now()
  const findings: Array<Finding> = []
  let told = 0
  const tellFindings = () => {
    for (const finding of findings.slice(told)) progress(findingText(finding, seed))
    told = findings.length
  }
  const log = new LogReader((message) => findings.push({ kind: "log", input: null, message }))
  const start = (breaks: ReadonlyArray<Break>) =>
    startServerUnderTest({ databaseUrl: Redacted.value(database), breaks }, log.read)

  /** Whether a promise is kept; what it says otherwise is a finding. */
  const keeps = (kind: Finding["kind"], promise: () => Promise<void>) =>
    Effect.promise(() =>
      promise().catch((error: unknown) => void findings.push({ kind, input: null, message: String(error) }))
    )

  const played = yield* Effect.scoped(
    Effect.gen(function* () {
      const server = yield* start(options.breaks ?? [])
      yield* Effect.promise(() => makeBaseThreads(server.port, seed))
      const samples: Array<Measurement> = []
      const sample = Effect.map(server.measure(2), (measured) => void samples.push(measured))
      const numbers = only === undefined ? { from: 0, to: count } : { from: only, to: only + 1 }
      const part = Math.max(SHORTEST_PART, Math.ceil((numbers.to - numbers.from) / SAMPLES))
      const players = Array.from({ length: PLAYERS }, () => new Player(server.port, patience, seed, findings))
      for (let from = numbers.from; from < numbers.to; from += part) {
        if (findings.length >= MOST_FINDINGS || !server.isRunning()) break
        const to = Math.min(from + part, numbers.to)
        let next = from
        const play = async (player: Player) => {
          while (next < to && findings.length < MOST_FINDINGS && server.isRunning()) await player.play(next++)
        }
        yield* Effect.promise(() => Promise.all(players.map(play)))
        if (server.isRunning()) yield* sample
        tellFindings()
        progress(
          `${to - numbers.from} inputs after ${seconds(began)} s, ${findings.length} findings, heap ${mebibytes(samples.at(-1)?.heapUsed)} MiB, RSS ${mebibytes(samples.at(-1)?.rss)} MiB`
        )
      }
      for (const player of players) player.close()
      if (server.isRunning()) {
        yield* keeps("turn", () => serveTurn(server.port, `after.${seed}`, "Is anybody there?"))
        yield* keeps("text", () => sayJsonTexts(server.port))
        yield* keeps("text", async () => report(findings, "text", await changedJsonTexts(server.port)))
      } else findings.push({ kind: "server", input: null, message: "The server ended." })
      return { samples, ...tally(players) }
    })
  )

  // Whatever it holds after a restart it has from the log. A run that has failed learns nothing more from it.
  if (findings.length === 0) {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* start([])
        yield* keeps("text", async () => report(findings, "text", await changedJsonTexts(server.port)))
        yield* keeps("turn", () => serveTurn(server.port, `restarted.${seed}`, "And now?"))
      })
    )
  }
  const { broken, position } = yield* verifyChain(database)
  if (broken !== null) findings.push({ kind: "chain", input: null, message: broken })

  const growth = growthOf(played.samples, count)
  if (only === undefined && !growth.isFlat) {
    const message = `The server holds ${mebibytes(growth.heldLastQuarter)} MiB in the last quarter and ${mebibytes(growth.heldSecondQuarter)} MiB in the second (RSS ${mebibytes(growth.rssLastQuarter)} and ${mebibytes(growth.rssSecondQuarter)} MiB).`
    findings.push({ kind: "memory", input: null, message })
  }
  tellFindings()
  return {
    ok: findings.length === 0,
    seed,
    count: only === undefined ? count : 1,
    seconds: seconds(began),
    frames: played.frames,
    requests: played.requests,
    receipts: played.receipts,
    errors: played.errors,
    statuses: played.statuses,
    events: position,
    memory: {
      heldSecondQuarter: mebibytes(growth.heldSecondQuarter),
      heldLastQuarter: mebibytes(growth.heldLastQuarter),
      rssSecondQuarter: mebibytes(growth.rssSecondQuarter),
      rssLastQuarter: mebibytes(growth.rssLastQuarter)
    },
    warnings: log.warnings,
    found: countOf(findings.map(({ kind }) => kind)),
    findings: findings.slice(0, 20)
  }
})

/** Plays one input after another. */
class Player {
  readonly #port: number
  readonly #patience: number
  readonly #seed: number
  readonly #findings: Array<Finding>
  readonly websocket: WebsocketPlayer
  readonly http: HttpPlayer
  frames = 0
  requests = 0

  constructor(port: number, patience: number, seed: number, findings: Array<Finding>) {
    this.#port = port
    this.#patience = patience
    this.#seed = seed
    this.#findings = findings
    this.websocket = new WebsocketPlayer(port, patience)
    this.http = new HttpPlayer(port, patience)
  }

  async play(number: number): Promise<void> {
    const input = inputOf(this.#seed, number)
    const report = (kind: Finding["kind"], message: string) =>
      void this.#findings.push({ kind, input: number, message })
    switch (input.door) {
      case "websocket":
      case "hello":
        this.frames += input.frames.length
        return this.websocket.play(input, report)
      case "host":
        this.frames += input.frames.length
        return playHost(this.#port, input.frames, this.#patience, report)
      case "wire":
        this.frames += 1
        return playWire(this.#port, input.bytes, this.#patience, report)
      case "http":
        this.requests += 1
        return this.http.play(input.request, input.endpoint, report)
      case "raw http":
        this.requests += 1
        return this.http.playRaw(input.bytes, report)
    }
  }

  close(): void {
    this.websocket.close()
    this.http.close()
  }
}

const tally = (players: ReadonlyArray<Player>) => ({
  frames: players.reduce((sum, { frames }) => sum + frames, 0),
  requests: players.reduce((sum, { requests }) => sum + requests, 0),
  receipts: added(players.map(({ websocket }) => websocket.receipts)),
  errors: added(players.map(({ websocket }) => websocket.errors)),
  statuses: added(players.map(({ http }) => http.statuses))
})

const added = <K extends string | number>(
  maps: ReadonlyArray<ReadonlyMap<K, number>>
): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const map of maps) for (const [key, count] of map) sums[String(key)] = (sums[String(key)] ?? 0) + count
  return sums
}

const countOf = (kinds: ReadonlyArray<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** With how to have it again. */
const findingText = ({ input, kind, message }: Finding, seed: number): string => {
  const again = input === null ? "" : ` (npm run --silent fuzz -- --seed ${seed} --only ${input})`
  return `${kind}${again}: ${message}`
}

const report = (findings: Array<Finding>, kind: Finding["kind"], messages: ReadonlyArray<string>): void => {
  for (const message of messages) findings.push({ kind, input: null, message })
}

const seconds = (began: number): number => Math.round((performance.now() - began) / 100) / 10

const mebibytes = (bytes = 0): number => Math.round(bytes / 1024 / 1024)
