/** Where a read model is not what the log says. */

/** `missing`: the log has the row, the table has not. `extra`: the other way round. `different`: one column of a row that both have. */
export interface Difference {
  readonly table: string
  /** What names the row; empty for the table as a whole. */
  readonly key: Readonly<Record<string, string | null>>
  readonly kind: "missing" | "extra" | "different"
  /** Of a `different` one; `null` for a whole row. */
  readonly column: string | null
  /** As Postgres prints it. */
  readonly live: string | null
  readonly folded: string | null
}

/** The first ones, and the number of all. */
export class Differences {
  readonly first: Array<Difference> = []
  count = 0
  private readonly kept: number

  constructor(kept: number) {
    this.kept = kept
  }

  add(difference: Difference): void {
    this.count++
    if (this.first.length < this.kept) this.first.push(difference)
  }
}
