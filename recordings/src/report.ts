/** Says what a run has found, for a program and for a person. */
import type { Mismatch } from "./compare.ts"
import type { PassReport, RunReport } from "./runRecordings.ts"

/** Conversations whose first mismatch is printed. */
const SHOWN = 20

/** The first mismatch of each conversation: what comes after it mostly follows from it. */
const firstMismatches = ({ passes }: RunReport): ReadonlyArray<Mismatch> => {
  const all = passes.flatMap(({ mismatches }) => mismatches)
  return [...Map.groupBy(all, ({ conversation }) => conversation).values()].flatMap((of) => of.slice(0, 1))
}

const sum = (passes: ReadonlyArray<PassReport>, of: (pass: PassReport) => number): number =>
  passes.reduce((total, pass) => total + of(pass), 0)

/** Files that were left out although there was something to play in them. */
const unexplained = (report: RunReport) => report.skipped.filter(({ isExplained }) => !isExplained)

const comesToTheSame =
  ({ oracle }: RunReport) =>
  (pass: PassReport): boolean =>
    pass.characters === oracle.characters &&
    pass.toolCalls === oracle.toolCalls &&
    pass.turns === oracle.turns &&
    pass.failed === oracle.failed

const differencesOf = ({ readModels }: RunReport): number =>
  readModels.reduce((total, { differences }) => total + differences, 0)

/** What is wrong, a sentence each. None: all is well, and something was played, for nothing would always equal nothing. */
export const problems = (report: RunReport): ReadonlyArray<string> => {
  const { conversations, only, oracle, passes } = report
  const stuck = sum(passes, (pass) => pass.stuck)
  const mismatched = sum(passes, (pass) => pass.mismatched)
  const left = unexplained(report).length
  const different = passes.filter((pass) => !comesToTheSame(report)(pass))
  const rows = differencesOf(report)
  const found: ReadonlyArray<readonly [boolean, string]> = [
    [
      conversations === 0,
      only === undefined
        ? "Nothing was played: the index names no recording of an API that is played."
        : `Nothing was played: no conversation's id contains "${only}".`
    ],
    [stuck > 0, `${stuck} turns did not end in time.`],
    [mismatched > 0, `In ${mismatched} plays of a conversation somebody saw something else than the oracle.`],
    [left > 0, `${left} files could not be played.`],
    [different.length > 0, `The totals of ${different.length} passes are not the oracle's.`],
    [rows > 0, `The read models differ from the log in ${rows} places.`],
    // A few conversations may do without; a whole folder of recordings does not.
    [only === undefined && conversations > 0 && oracle.characters === 0, "The oracle saw no text at all."],
    [only === undefined && conversations > 0 && oracle.toolCalls === 0, "The oracle saw no tool call at all."]
  ]
  return found.flatMap(([isSo, sentence]) => (isSo ? [sentence] : []))
}

/**
 * One object for a program. `files` to `interrupted`, `characters` and `toolCalls` are those of one pass: they are the same in each,
 * or else of the first pass in which they are not the oracle's. What went wrong is added up over all passes.
 */
export const summary = (report: RunReport) => {
  const { conversations, files, folder, oracle, passes, seed } = report
  const odd = passes.find((pass) => !comesToTheSame(report)(pass)) ?? passes[0]
  return {
    files,
    conversations,
    turns: odd?.turns ?? 0,
    completed: odd?.completed ?? 0,
    failed: odd?.failed ?? 0,
    interrupted: odd?.interrupted ?? 0,
    stuck: sum(passes, ({ stuck }) => stuck),
    mismatched: sum(passes, ({ mismatched }) => mismatched),
    skipped: unexplained(report).length,
    characters: odd?.characters ?? 0,
    toolCalls: odd?.toolCalls ?? 0,
    breaksReported: sum(passes, ({ breaksReported }) => breaksReported),
    breaksPlanted: sum(passes, ({ breaksPlanted }) => breaksPlanted),
    readModels: report.readModels.map(({ differences, events, lookups, rows }) => ({
      events,
      rows,
      lookups,
      differences
    })),
    ok: problems(report).length === 0,
    problems: problems(report),
    folder,
    seed,
    seconds: rounded(sum(passes, ({ seconds }) => seconds)),
    oracle,
    passes: passes.map(({ mismatches: _, seconds, ...figures }) => ({
      ...figures,
      seconds: rounded(seconds)
    })),
    mismatches: firstMismatches(report).slice(0, SHOWN),
    skippedFiles: report.skipped
  }
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10

const waysOf = ({ bytes, mode, spill }: PassReport): string => `${mode}, ${bytes}, spill ${spill}`

/** A pass, on one line. */
export const passLine = (pass: PassReport): string =>
  `${waysOf(pass)}: ${pass.conversations} conversations in ${pass.seconds.toFixed(1)} s, ${
    pass.mismatched === 0 ? "all as the oracle saw them" : `${pass.mismatched} mismatched`
  }${pass.stuck === 0 ? "" : `, ${pass.stuck} turns stuck`}`

const columns: ReadonlyArray<readonly [string, (pass: PassReport) => string]> = [
  ["pass", waysOf],
  ["turns", ({ turns }) => String(turns)],
  ["completed", ({ completed }) => String(completed)],
  ["failed", ({ failed }) => String(failed)],
  ["stuck", ({ stuck }) => String(stuck)],
  ["characters", ({ characters }) => String(characters)],
  ["tool calls", ({ toolCalls }) => String(toolCalls)],
  ["live frames", ({ liveFrames }) => String(liveFrames)],
  ["mismatched", ({ mismatched }) => String(mismatched)]
]

const table = (passes: ReadonlyArray<PassReport>): string => {
  const rows = [
    columns.map(([title]) => title),
    ...passes.map((pass) => columns.map(([, cell]) => cell(pass)))
  ]
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")
    )
    .join("\n")
}

const mismatchText = ({ actual, at, conversation, expected }: Mismatch): string =>
  `  ${conversation}\n    ${at}\n      oracle  ${expected}\n      seen    ${actual}`

/** The whole run, for a person. */
export const reportText = (report: RunReport): string => {
  const { conversations, files, folder, oracle, passes, skipped } = report
  const mismatches = firstMismatches(report)
  const planted = sum(passes, ({ breaksPlanted }) => breaksPlanted)
  const paragraphs = [
    `${files} files in ${folder} make ${conversations} conversations. The oracle saw ${oracle.turns} turns (${oracle.failed} failed), ` +
      `${oracle.characters} characters and ${oracle.toolCalls} tool calls.`,
    table(passes)
  ]
  if (mismatches.length > 0) {
    const more =
      mismatches.length > SHOWN ? `\n  … and in ${mismatches.length - SHOWN} more conversations` : ""
    paragraphs.push(
      `Mismatches, the first of each conversation:\n${mismatches.slice(0, SHOWN).map(mismatchText).join("\n")}${more}`
    )
  }
  if (skipped.length > 0)
    paragraphs.push(`Left out:\n${skipped.map(({ file, reason }) => `  ${file}: ${reason}`).join("\n")}`)
  if (planted > 0)
    paragraphs.push(
      `${sum(passes, ({ breaksReported }) => breaksReported)} of ${planted} planted breaks were found.`
    )
  for (const { differences, events, lookups, named, projection, rows } of report.readModels) {
    paragraphs.push(
      `The read models (${projection}), ${rows} rows and ${lookups} lookups, against a fold of ${events} events: ${differences} differences.` +
        named.map((difference) => `\n  ${JSON.stringify(difference)}`).join("")
    )
  }
  const wrong = problems(report)
  paragraphs.push(wrong.length === 0 ? "All as the oracle saw it." : wrong.join("\n"))
  return `\n${paragraphs.join("\n\n")}\n`
}
