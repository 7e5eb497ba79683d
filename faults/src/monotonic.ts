/** Milliseconds on the clock that all processes of a machine share and that never goes back (CLOCK_MONOTONIC). */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6
