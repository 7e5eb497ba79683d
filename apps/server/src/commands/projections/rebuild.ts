/** `spillway projections rebuild`: builds read models again from the log, while servers serve them. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { VERSION } from "spillway/constants"
import type { RebuildReport, RebuildStep } from "spillway/effect"
import { json } from "../flags.ts"
import { endWithReader, printLine, type Styles, stylesOfStdout } from "../output.ts"
import { layerDatabase, loaded, quietly } from "./database.ts"
import { bar, clock, count, many, percent, span } from "./figures.ts"
import { ProgressLine } from "./ProgressLine.ts"

const flags = {
  names: Argument.String("name").pipe(
    Argument.withDescription("Which projections, by the names that status shows. Default: all"),
    Argument.variadic()
  ),
  restart: Flag.Boolean("restart").pipe(
    Flag.withDescription("Begin anew where an earlier rebuild was cut off, instead of going on"),
    Flag.withDefault(false)
  ),
  json
}

const run = Effect.fnUntraced(function* (options: Command.Command.Config.Infer<typeof flags>) {
  yield* endWithReader
  const line = new ProgressLine()
  const { projectionNames, rebuildProjections } = yield* loaded
  const reports = yield* rebuildProjections(options.names.length === 0 ? projectionNames : options.names, {
    restart: options.restart,
    build: `spillway ${VERSION}`,
    onStep: (step) =>
      line.show(() => stepText(step, line.styles, line.width), `${step.phase} ${step.index?.done}`)
  }).pipe(Effect.ensuring(Effect.sync(() => line.clear())), Effect.provide(layerDatabase))
  if (options.json) return yield* printLine(JSON.stringify({ projections: reports }))
  for (const report of reports) yield* printLine(reportText(report, stylesOfStdout()))
}, quietly)

const doing = {
  threads: "folding threads",
  indexes: "building indexes",
  events: "catching up",
  switch: "taking their place"
} as const

/** One line, for a terminal of that width. */
export const stepText = (
  { events, index, of, phase, rate }: RebuildStep,
  styles: Styles,
  width: number
): string => {
  const share = of === 0 ? 1 : events / of
  const isFolding = phase === "threads" || phase === "events"
  const parts = [
    percent(share).padStart(7),
    doing[phase],
    ...(index === undefined ? [] : [`${index.done + 1} of ${index.of}`]),
    ...(isFolding && rate > 0 ? [`${count(rate)} events/s`, `${clock((of - events) / rate)} left`] : [])
  ]
  const text = parts.join("   ")
  const room = Math.min(32, width - text.length - 4)
  return room < 8 ? text : `${bar(share, room, styles)} ${text}`
}

const reportText = (report: RebuildReport, { bold, dim, green }: Styles): string =>
  [
    `${green("✓")} ${bold(report.projection)} is rebuilt: generation ${count(report.generation)}, at position ${count(report.position)}.`,
    dim(
      `  ${many(report.events, "event")} in ${span(report.seconds)}, ${count(report.rate)} a second` +
        (report.resumedAt > 0 ? `, after ${count(report.resumedAt)} that were done before` : "") +
        `. Readers waited for ${report.longestLock} ms at most` +
        (report.switches > 1 ? `, in ${report.switches} tries to switch.` : ".")
    )
  ].join("\n")

export const rebuild = Command.make("rebuild", flags, run).pipe(
  Command.withDescription(
    "Build read models again from the log, beside those that serve, and put them in their place. Servers serve and append meanwhile. What was cut off goes on where it was."
  ),
  Command.withShortDescription("Build read models again from the log"),
  Command.withExamples([
    { command: "spillway projections rebuild", description: "All of them" },
    { command: "spillway projections rebuild threads --json", description: "One, for a program" }
  ])
)
