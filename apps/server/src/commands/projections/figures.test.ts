import type { ProjectionStand, RebuildStand } from "spillway/effect"
import { describe, expect, it } from "vitest"
import { invocation } from "../answering.ts"
import { noStyles } from "../output.ts"
import { bar, clock, size, span } from "./figures.ts"
import { stepText } from "./rebuild.ts"
import { statusText } from "./status.ts"

const stand: ProjectionStand = {
  projection: "threads",
  generation: 3,
  shape: { tables: 1, spillway: 1 },
  position: 128_412,
  head: 128_412,
  behind: 0,
  lagSeconds: 0,
  failed: null,
  bytes: 94_371_840,
  rebuild: null
}

const rebuild: RebuildStand = {
  phase: "threads",
  running: true,
  events: 64_206,
  of: 128_412,
  percent: 50,
  rate: 41_200,
  etaSeconds: 2,
  startedAt: "2026-11-20T12:00:00.000Z",
  failed: null
}

/** As this very run was called: `npm test`, or vitest by itself. */
const program = invocation()

const lines = (but: Partial<ProjectionStand>) => statusText([{ ...stand, ...but }], noStyles).split("\n")

describe("the status of projections", () => {
  it("is a table, with numbers under each other", () => {
    expect(lines({})).toEqual([
      "projection   position   behind   lag    size   generation   state",
      "threads       128,412        0     –   94 MB            3   up to date"
    ])
    expect(lines({ behind: 12, lagSeconds: 0.42 })[1]).toBe(
      "threads       128,412       12   0.4 s   94 MB            3   behind"
    )
  })

  it("says which event stops one, and what to do", () => {
    const message = "The event at position 7 (thread.updated, version 2 of t) can't be projected."
    const [, row, , ...remarks] = lines({ position: 6, failed: { position: 7, message } })
    expect(row).toContain("stuck at event 7")
    expect(remarks.join(" ")).toContain(message)
    expect(remarks.join(" ")).toContain(`\`${program} log tail --from 7\``)
    expect(remarks.join(" ")).toContain(`\`${program} projections rebuild threads\``)
  })

  it("shows a rebuild with its speed and what is left, and one that was cut off or failed with what to do", () => {
    expect(lines({ rebuild }).at(-1)).toBe(
      "Rebuild of threads   ████████████░░░░░░░░░░░░ 50.0 %   folding threads   41,200 events/s   about 0:02 left"
    )
    expect(lines({ rebuild: { ...rebuild, running: false, etaSeconds: null } }).slice(-2)).toEqual([
      "! A rebuild of threads was cut off at 50.0 % (64,206 of 128,412 events).",
      `  \`${program} projections rebuild threads\` goes on where it was.`
    ])
    expect(lines({ rebuild: { ...rebuild, running: false, failed: "An event." } }).at(-2)).toBe(
      "✗ The last rebuild of threads ended without new tables: An event."
    )
  })

  it("says of tables of another version who rebuilds them", () => {
    expect(lines({ shape: { tables: 1, spillway: 2 } }).at(-1)).toContain(
      "a server rebuilds them when it starts"
    )
    expect(lines({ shape: { tables: 3, spillway: 2 } }).at(-1)).toContain("of a newer version")
  })
})

describe("figures", () => {
  it("are short", () => {
    expect([7, 750, 3_723].map(clock)).toEqual(["0:07", "12:30", "1:02:03"])
    expect([0.42, 45, 300, 90_000].map(span)).toEqual(["0.4 s", "45 s", "5 min", "25 h"])
    expect([512, 8_192, 94_371_840, 12_000_000_000].map(size)).toEqual(["512 B", "8.2 kB", "94 MB", "12 GB"])
  })

  it("fill a bar by eighths, and never beyond its ends", () => {
    expect([-1, 0, 0.33, 0.5, 1, 2].map((share) => bar(share, 4, noStyles))).toEqual([
      "░░░░",
      "░░░░",
      "█▎░░",
      "██░░",
      "████",
      "████"
    ])
  })

  it("leave the bar out where a terminal is too narrow for it", () => {
    const step = { phase: "threads", events: 1, of: 2, rate: 10 } as const
    expect(stepText(step, noStyles, 100)).toBe(
      `${"█".repeat(16)}${"░".repeat(16)}  50.0 %   folding threads   10 events/s   0:00 left`
    )
    expect(stepText(step, noStyles, 40)).toBe(" 50.0 %   folding threads   10 events/s   0:00 left")
  })
})
