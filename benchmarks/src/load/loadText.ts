/** The result of a load for people. */
import type { LoadResult } from "./runLoad.ts"

export const loadText = ({
  characters,
  holds,
  memory,
  pause,
  queues,
  surprises,
  turns,
  ...result
}: LoadResult): string =>
  [
    `${result.threads} threads for ${result.seconds} s, ${result.watchers} watchers`,
    `  ${turns.completed} of ${turns.started} turns completed, ${characters} characters, ${result.liveFrames} live frames seen`,
    `  ${memory.measured === "rss" ? "RSS" : "heap"} ${memory.secondFifth} MiB in the second fifth of the time, ${memory.lastFifth} MiB in the last: ${memory.ratio} times as much`,
    `  at most ${queues.peakInUse} of ${queues.mostInUse} events in all lanes, ${queues.peakLane} of ${queues.mostLane} in one`,
    `  ${pause.seconds} s without Postgres: ${pause.blocked} of ${pause.hurried} hurried providers kept waiting, all read ${pause.wentOnAfterSeconds} s after`,
    ...Object.entries(holds).map(([name, holds]) => `  ${holds ? "✓" : "✗"} ${wordsOf(name)}`),
    ...surprises.map((line) => `  ! ${line}`),
    ""
  ].join("\n")

const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
