/** `spillway projections status`: how far the read models are, and what is wrong with them. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import type { ProjectionStand, RebuildStand } from "spillway/effect"
import { invocation } from "../answering.ts"
import { json } from "../flags.ts"
import { endWithReader, printLine, type Styles, stylesOfStdout } from "../output.ts"
import { layerDatabase, loaded, quietly } from "./database.ts"
import { bar, type Cell, clock, count, many, percent, size, span, table } from "./figures.ts"

const run = Effect.fnUntraced(function* (options: { readonly json: boolean }) {
  yield* endWithReader
  const { projectionsStatus } = yield* loaded
  const stands = yield* Effect.provide(projectionsStatus, layerDatabase)
  if (options.json) return yield* printLine(JSON.stringify({ projections: stands }))
  yield* printLine(statusText(stands, stylesOfStdout()))
}, quietly)

export const statusText = (stands: ReadonlyArray<ProjectionStand>, styles: Styles): string => {
  const lines = table(
    [
      { title: "projection" },
      { title: "position", right: true },
      { title: "behind", right: true },
      { title: "lag", right: true },
      { title: "size", right: true },
      { title: "generation", right: true },
      { title: "state" }
    ],
    stands.map((stand) => [
      { text: stand.projection, style: styles.bold },
      { text: count(stand.position) },
      { text: count(stand.behind) },
      { text: stand.lagSeconds === 0 ? "–" : span(stand.lagSeconds) },
      { text: size(stand.bytes) },
      { text: count(stand.generation) },
      stateOf(stand, styles)
    ]),
    styles
  )
  const remarks = stands.flatMap((stand) => remarksOn(stand, styles))
  return [...lines, ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n")
}

const stateOf = (stand: ProjectionStand, { green, red, yellow }: Styles): Cell => {
  if (stand.failed !== null) return { text: `stuck at event ${count(stand.failed.position)}`, style: red }
  if (stand.rebuild?.running === true) return { text: "rebuilding", style: yellow }
  if (stand.shape.tables !== stand.shape.spillway) return { text: "of another version", style: yellow }
  return stand.behind === 0 ? { text: "up to date", style: green } : { text: "behind", style: yellow }
}

/** One sentence for each thing that somebody should know, and what to do. */
const remarksOn = (stand: ProjectionStand, styles: Styles): ReadonlyArray<string> => {
  const command = `${invocation()} projections rebuild ${stand.projection}`
  const { failed, projection, rebuild, shape } = stand
  return [
    ...(failed === null
      ? []
      : [
          `${styles.red("✗")} ${failed.message}`,
          `  Look at it with \`${invocation()} log tail --from ${failed.position}\`. Then start servers of a version that can project it, which try`,
          `  again by themselves; if it is the tables that are wrong, \`${command}\`.`
        ]),
    ...(shape.tables < shape.spillway
      ? [
          `The tables of ${projection} are of an older version: a server rebuilds them when it starts, or \`${command}\`.`
        ]
      : shape.tables > shape.spillway
        ? [`The tables of ${projection} are of a newer version than this one: look at them with that.`]
        : []),
    ...(rebuild === null ? [] : rebuildLines(projection, rebuild, command, styles))
  ]
}

const doing = { threads: "folding threads", indexes: "building indexes", events: "catching up" } as const

const rebuildLines = (
  projection: string,
  rebuild: RebuildStand,
  command: string,
  styles: Styles
): ReadonlyArray<string> => {
  if (rebuild.failed !== null) {
    return [
      `${styles.red("✗")} The last rebuild of ${projection} ended without new tables: ${rebuild.failed}`,
      `  The old ones serve as before. \`${command}\` begins another one.`
    ]
  }
  const share = rebuild.of === 0 ? 1 : rebuild.events / rebuild.of
  const speed = rebuild.rate === 0 ? "" : `   ${count(rebuild.rate)} events/s`
  const eta = rebuild.etaSeconds === null ? "" : `   about ${clock(rebuild.etaSeconds)} left`
  const done = `${count(rebuild.events)} of ${many(rebuild.of, "event")}`
  return rebuild.running
    ? [
        `Rebuild of ${projection}   ${bar(share, 24, styles)} ${percent(share)}   ${doing[rebuild.phase]}${speed}${eta}`
      ]
    : [
        `${styles.yellow("!")} A rebuild of ${projection} was cut off at ${percent(share)} (${done}).`,
        `  \`${command}\` goes on where it was.`
      ]
}

export const status = Command.make("status", { json }, run).pipe(
  Command.withDescription(
    "How far each projection is, whether an event stops it, and how far a rebuild is. Reads the database, and needs no server."
  ),
  Command.withShortDescription("How far the read models are")
)
