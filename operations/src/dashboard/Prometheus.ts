/** Prometheus itself, on loopback, reading the servers of a check every second, and asked over its HTTP API. */
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parse, stringify } from "yaml"
import { debianTool } from "../running/debianTool.ts"
import { freePort } from "../running/freePort.ts"

const rules = resolve("operations/prometheus/alerts.yml")
const ruleTests = resolve("operations/prometheus/alerts.test.yml")

export interface Tools {
  readonly prometheus: string
  readonly promtool: string
  readonly version: string
}

/** `undefined` where there is none and Debian offers none. */
export const findPrometheus = (): Tools | undefined => {
  const tool = (name: string) => debianTool(name, { package: "prometheus", path: `usr/bin/${name}` })
  const [prometheus, promtool] = [tool("prometheus"), tool("promtool")]
  if (prometheus === undefined || promtool === undefined) return undefined
  const { status, stdout } = spawnSync(prometheus, ["--version"], { encoding: "utf8" })
  return status === 0 ? { prometheus, promtool, version: /version (\S+)/.exec(stdout)?.[1] ?? "" } : undefined
}

/** What promtool says of our files, and of a page; empty when all is well. */
export const complaintsOf = ({ promtool }: Tools, config: string, page: string): ReadonlyArray<string> =>
  [
    { args: ["check", "config", config], input: "" },
    { args: ["check", "rules", rules], input: "" },
    { args: ["test", "rules", ruleTests], input: "" },
    { args: ["check", "metrics"], input: page }
  ].flatMap(({ args, input }) => {
    const { status, stderr, stdout } = spawnSync(promtool, args, { encoding: "utf8", input })
    return status === 0 ? [] : [`promtool ${args.join(" ")}:\n${stdout}${stderr}`]
  })

/** Ours, with the addresses of this check and a reading every second. Its path. */
export const configure = (folder: string, targets: ReadonlyArray<string>, token: string): string => {
  const config = parse(readFileSync("operations/prometheus/prometheus.yml", "utf8")) as {
    readonly scrape_configs: ReadonlyArray<Record<string, unknown>>
  }
  const credentials = join(folder, "token")
  writeFileSync(credentials, token)
  const path = join(folder, "prometheus.yml")
  writeFileSync(
    path,
    stringify({
      ...config,
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: config.scrape_configs.map((scrape) => ({
        ...scrape,
        authorization: { credentials_file: credentials },
        static_configs: [{ targets }]
      }))
    })
  )
  return path
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly values: ReadonlyArray<readonly [at: number, value: number]>
}

export const startPrometheus = Effect.fnUntraced(function* (tools: Tools, folder: string, config: string) {
  const address = `127.0.0.1:${yield* freePort}`
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(
        tools.prometheus,
        [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder, "data")}`,
          `--web.listen-address=${address}`,
          "--log.level=error"
        ],
        { stdio: ["ignore", "ignore", 2], cwd: folder }
      )
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("close", () => resume(Effect.void))
        if (!child.kill("SIGTERM")) resume(Effect.void)
      })
  )
  const isReady = Effect.promise(() =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false
    )
  )
  yield* Effect.delay(isReady, 100).pipe(
    Effect.repeat({ until: (ready) => ready }),
    Effect.timeout("30 seconds")
  )

  const get = (path: string, parameters: Record<string, string>) =>
    Effect.promise(async () => {
      const response = await fetch(
        `http://${address}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`
      )
      const answer = (await response.json()) as {
        readonly status: string
        readonly error?: string
        readonly data: unknown
      }
      if (answer.status !== "success")
        throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`)
      return answer.data
    })

  return {
    /** @param from, to seconds since 1970. A value each second. */
    range: (query: string, from: number, to: number): Effect.Effect<ReadonlyArray<Series>> =>
      Effect.map(get("query_range", { query, start: String(from), end: String(to), step: "1" }), (data) =>
        (
          data as {
            readonly result: ReadonlyArray<{
              metric: Record<string, string>
              values: Array<[number, string]>
            }>
          }
        ).result.map(({ metric, values }) => ({
          metric,
          values: values.map(([at, value]) => [at, Number(value)] as const)
        }))
      ),
    /** Health and last error of each target. */
    targets: Effect.map(
      get("targets", {}),
      (data) =>
        (
          data as {
            readonly activeTargets: ReadonlyArray<{ health: string; lastError: string; scrapeUrl: string }>
          }
        ).activeTargets
    )
  }
})
