/** The projection into the thread tables, and which shape of them it writes. */
export const threadShape = {
  name: "threads",
  /**
   * Raised when what the tables hold changes, with a migration that makes them so that both shapes fit in. Tables of an older
   * shape are built again at the next start.
   */
  version: 1
} as const

/** All projections there are: what search looks into is among the tables of this one. */
export const projectionNames: ReadonlyArray<string> = [threadShape.name]
