/**
 * `npm run --silent dashboard-check [-- --seconds 20] [--picture FILE.svg]`: runs two servers under a short, mixed load, reads their
 * metrics, and asks every query of the dashboard: Prometheus itself where it is to be had, and in any case the pages, for the names and
 * labels that a query needs. A query without data fails, and so does a metric that stayed 0 though the load should have moved it.
 */
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { Effect, Redacted } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { readMetrics } from "spillway/testing"
import { parse } from "yaml"
import { hold, progress, runMain } from "../running/runMain.ts"
import { scratch } from "../running/scratch.ts"
import { startServer } from "../running/ServerProcess.ts"
import { DASHBOARD_FILE } from "./dashboardJson.ts"
import { runLoad } from "./load.ts"
import { leftOut, type Pages, unanswered, unmoved } from "./pages.ts"
import { picture } from "./picture.ts"
import { complaintsOf, configure, findPrometheus, type Series, startPrometheus } from "./Prometheus.ts"

const { values: flags } = parseArgs({
  options: { seconds: { type: "string", default: "20" }, picture: { type: "string" } }
})
const seconds = Number(flags.seconds)
const TOKEN = "a-token-of-this-check"
const RUNTIME_TOKEN = "another-token-of-this-check"

/** Turns that are under way at the end take seconds. Seconds. */
const WIND_UP = 60

export interface PanelData {
  readonly title: string
  readonly unit: string
  readonly queries: ReadonlyArray<{
    readonly expr: string
    readonly legend: string
    readonly series: ReadonlyArray<Series>
  }>
}

interface Shipped {
  readonly panels: ReadonlyArray<{
    readonly title: string
    readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
    readonly targets?: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>
  }>
}

/** Grafana's variables, as a person who chose all processes and looks at a minute has them. */
const filledIn = (expression: string): string =>
  expression.replaceAll("$__rate_interval", "8s").replaceAll("$instance", ".*")

const check = Effect.gen(function* () {
  const dashboard = JSON.parse(readFileSync(DASHBOARD_FILE, "utf8")) as Shipped
  const panels = dashboard.panels.filter(({ targets }) => targets !== undefined)

  const postgres = yield* EmbeddedPostgres.startTemporary()
  const environment = {
    DATABASE_URL: Redacted.value(postgres.url),
    SPILLWAY_TOKEN: TOKEN,
    SPILLWAY_RUNTIME_TOKEN: RUNTIME_TOKEN,
    SPILLWAY_RUNTIME_GRACE_SECONDS: "2",
    SPILLWAY_MAX_SOCKETS: "32",
    SPILLWAY_MAX_STREAMS: "4",
    SPILLWAY_CLIENT_STALL_SECONDS: "2",
    SPILLWAY_LOG_LEVEL: "info"
  }
  const servers = [yield* startServer(environment), yield* startServer(environment)]
  const addresses = servers.map(({ address }) => address)
  const folder = yield* scratch("dashboard")
  const tools = findPrometheus()
  const config = configure(folder, addresses, TOKEN)
  const prometheus = tools === undefined ? undefined : yield* startPrometheus(tools, folder, config)

  progress(`Load on ${addresses.join(" and ")} for ${seconds} s.`)
  const pages: Array<Pages[number]> = []
  const read = Effect.gen(function* () {
    for (const address of addresses) pages.push(readMetrics(yield* pageOf(address)))
  })
  const from = Date.now() / 1_000
  yield* Effect.raceFirst(
    runLoad({
      servers: addresses,
      token: TOKEN,
      runtimeToken: RUNTIME_TOKEN,
      seconds,
      pause: postgres.pause,
      resume: postgres.resume,
      kill: postgres.kill,
      restart: Effect.orDie(postgres.restart)
    }),
    read.pipe(Effect.andThen(Effect.sleep("500 millis")), Effect.forever)
  ).pipe(
    Effect.timeoutOrElse({
      duration: (seconds + WIND_UP) * 1_000,
      orElse: () => Effect.die(new Error("A turn of the load does not end."))
    })
  )
  yield* read
  const to = Date.now() / 1_000

  const expressions = panels.flatMap(({ targets }) => targets!.map(({ expr }) => filledIn(expr)))
  const alerts = alertExpressions()
  const lonely = [...expressions, ...alerts].flatMap((expression) =>
    unanswered(expression, pages).map((why) => `${why}: ${expression}`)
  )
  yield* hold(lonely.length === 0, lonely.join("\n"))
  const unshown = leftOut(pages, expressions)
  yield* hold(unshown.length === 0, `The dashboard does not show ${unshown.join(", ")}`)
  const still = unmoved(pages)
  yield* hold(still.length === 0, `These stayed 0 under the load: ${still.join(", ")}`)

  const stopped: Array<number | null> = []
  let asked = 0
  if (tools !== undefined && prometheus !== undefined) {
    const complaints = complaintsOf(tools, config, yield* pageOf(addresses[0]!))
    yield* hold(complaints.length === 0, complaints.join("\n"))
    for (const { health, lastError, scrapeUrl } of yield* prometheus.targets) {
      yield* hold(health === "up", `Prometheus can't read ${scrapeUrl}: ${lastError}`)
    }
    const drawn: Array<PanelData> = []
    for (const { fieldConfig, targets, title } of panels) {
      const queries: Array<PanelData["queries"][number]> = []
      for (const { expr, legendFormat: legend } of targets!) {
        const series = yield* prometheus.range(filledIn(expr), from, to)
        asked += 1
        const numbers = series.flatMap(({ values }) => values).filter(([, value]) => !Number.isNaN(value))
        yield* hold(numbers.length > 0, `${title}: Prometheus has no data for ${expr}`)
        queries.push({ expr, legend, series })
      }
      drawn.push({ title, unit: fieldConfig?.defaults.unit ?? "", queries })
    }
    if (flags.picture !== undefined) writeFileSync(flags.picture, picture(drawn))
  } else {
    progress(
      "There is no Prometheus here, and Debian offers none: names and labels were held against the pages alone."
    )
  }
  for (const server of servers) stopped.push(yield* server.stop)
  yield* hold(
    stopped.every((code) => code === 0),
    `The servers ended with ${stopped.join(" and ")}:\n${servers.map(({ log }) => log()).join("\n")}`
  )
  return {
    ok: true,
    seconds,
    panels: panels.length,
    queries: expressions.length,
    alerts: alerts.length,
    askedOfPrometheus: asked,
    prometheus: tools?.version ?? null,
    pages: pages.length,
    metrics: pages.at(-1)!.size
  }
})

const alertExpressions = (): ReadonlyArray<string> =>
  (
    parse(readFileSync("operations/prometheus/alerts.yml", "utf8")) as {
      readonly groups: ReadonlyArray<{ readonly rules: ReadonlyArray<{ readonly expr: string }> }>
    }
  ).groups
    .flatMap(({ rules }) => rules.map(({ expr }) => expr))
    // Prometheus' own.
    .filter((expression) => !expression.startsWith("up{"))

const pageOf = (address: string) =>
  Effect.promise(async () => {
    const response = await fetch(`http://${address}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` }
    })
    if (!response.ok) throw new Error(`/metrics answers ${response.status}.`)
    return response.text()
  })

runMain(check)
