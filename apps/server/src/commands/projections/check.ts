/** `spillway projections check`: whether the read models are what the log says. */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { CheckReport, Difference } from "spillway/effect"
import { invocation } from "../answering.ts"
import { commandFailed } from "../CommandFailed.ts"
import { json } from "../flags.ts"
import { endWithReader, printLine, type Styles, stylesOfStdout } from "../output.ts"
import { layerDatabase, loaded, quietly } from "./database.ts"
import { bar, clock, count, many, percent, span } from "./figures.ts"
import { ProgressLine } from "./ProgressLine.ts"

const flags = {
  show: Flag.Int("show").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("How many differences to name; all are counted"),
    Flag.withDefault(20)
  ),
  json
}

const run = Effect.fnUntraced(function* (options: Command.Command.Config.Infer<typeof flags>) {
  yield* endWithReader
  const line = new ProgressLine()
  let began: number | undefined
  const { checkProjections } = yield* loaded
  const reports = yield* checkProjections({
    named: options.show,
    onProgress: (events, of) => {
      began ??= performance.now()
      const seconds = (performance.now() - began) / 1_000
      line.show(() => progressText(events, of, seconds, line.styles, line.width))
    }
  }).pipe(Effect.ensuring(Effect.sync(() => line.clear())), Effect.provide(layerDatabase))
  if (options.json) yield* printLine(JSON.stringify({ projections: reports }))
  else for (const report of reports) yield* printLine(reportText(report, stylesOfStdout()))
  const differing = reports.filter(({ differences }) => differences > 0)
  if (differing.length > 0) {
    return yield* commandFailed(
      `${differing.map(({ projection }) => projection).join(" and ")} ${differing.length === 1 ? "is" : "are"} not what the log says: keep a copy of the tables for whoever looks for the reason, and \`${invocation()} projections rebuild ${differing.map(({ projection }) => projection).join(" ")}\`.`
    )
  }
}, quietly)

/** How long it has to go on before its speed says something. Seconds. */
const SPEED_AFTER = 0.5

const progressText = (events: number, of: number, seconds: number, styles: Styles, width: number): string => {
  const share = of === 0 ? 1 : events / of
  const rate = events / seconds
  const speed =
    seconds < SPEED_AFTER
      ? []
      : [`${count(Math.round(rate))} events/s`, `${clock((of - events) / rate)} left`]
  const text = [percent(share).padStart(7), "comparing", ...speed].join("   ")
  const room = Math.min(32, width - text.length - 4)
  return room < 8 ? text : `${bar(share, room, styles)} ${text}`
}

export const reportText = (report: CheckReport, styles: Styles): string => {
  const { bold, dim, green, red } = styles
  const compared = dim(
    `  ${many(report.threads, "thread")} of ${many(report.events, "event")}, folded to position ${count(report.position)}, against ${many(report.rows, "row")} and ${many(report.lookups, "lookup")} in the search index, in ${span(report.seconds)}.`
  )
  if (report.differences === 0) {
    return `${green("✓")} ${bold(report.projection)} is what the log says.\n${compared}`
  }
  const rest = report.differences - report.named.length
  return [
    `${red("✗")} ${bold(report.projection)} differs from the log in ${many(report.differences, "place")}.`,
    compared,
    "",
    ...report.named.flatMap((difference) => differenceLines(difference, styles)),
    ...(rest > 0 ? [dim(`  and ${count(rest)} more`)] : [])
  ].join("\n")
}

/** The most characters of a value. */
const VALUE = 100

const shown = (value: string | null): string => {
  if (value === null) return "null"
  const text = JSON.stringify(value)
  return text.length > VALUE ? `${text.slice(0, VALUE)}… (${many(value.length, "character")})` : text
}

const differenceLines = (
  { column, folded, key, kind, live, table }: Difference,
  { bold, dim, green, red }: Styles
): ReadonlyArray<string> => {
  const { tenant, thread_id, ...places } = key
  const place = [
    ...(thread_id === undefined ? [] : [tenant === "default" ? thread_id : `${tenant} ${thread_id}`]),
    ...Object.entries(places).map(([name, value]) => `${name.replace("_index", "")} ${value}`)
  ].join(", ")
  const where = `  ${bold(column === null ? table : `${table}.${column}`)}${place === "" ? "" : `  ${dim(place)}`}`
  if (kind === "missing") return [`${where}  ${red("the row is missing")}`]
  if (kind === "extra") return [`${where}  ${red("the log knows of no such row")}`]
  return [where, `    table  ${red(shown(live))}`, `    log    ${green(shown(folded))}`]
}

export const check = Command.make("check", flags, run).pipe(
  Command.withDescription(
    "Fold the log and compare the read models with it, row by row and column by column, in one snapshot while everything goes on. Exit code 1 when something differs. With --json the last line of stdout is the result."
  ),
  Command.withShortDescription("Compare the read models with the log")
)
