/** Reads what a query finds through a cursor, thread by thread in the database's order, so that memory does not grow with the table. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

export interface OfThread {
  readonly tenant: string
  readonly thread_id: string
}

/** In the order of the collation "C", which is that of the bytes. */
export const compareThreads = (a: OfThread, b: OfThread): number =>
  a.thread_id === b.thread_id && a.tenant === b.tenant
    ? 0
    : Buffer.compare(Buffer.from(a.tenant), Buffer.from(b.tenant)) ||
      Buffer.compare(Buffer.from(a.thread_id), Buffer.from(b.thread_id))

export interface Ordered<Row> {
  /** The thread of the next row; `undefined` at the end. */
  readonly next: Effect.Effect<OfThread | undefined, SqlError>
  /** The next rows, if they are of this thread: a page of them at most, and none at its end. */
  readonly take: (thread: OfThread) => Effect.Effect<ReadonlyArray<Row>, SqlError>
}

/** In the transaction that it is made in. `name` names the cursor; `query` is ordered by tenant and thread. */
export const readOrdered = Effect.fnUntraced(function* <Row extends OfThread>(
  sql: SqlClient,
  name: string,
  query: string,
  pageSize: number
): Effect.fn.Return<Ordered<Row>, SqlError> {
  yield* sql.unsafe(`declare ${name} no scroll cursor for ${query}`).unprepared
  let page: ReadonlyArray<Row> = []
  let at = 0
  let ended = false

  const fill = Effect.suspend(() =>
    at < page.length || ended
      ? Effect.void
      : Effect.map(sql.unsafe<Row>(`fetch ${pageSize} from ${name}`).unprepared, (rows) => {
          page = rows
          at = 0
          ended = rows.length === 0
        })
  )

  return {
    next: Effect.map(fill, () => page[at]),
    take: (thread) =>
      Effect.map(fill, () => {
        const from = at
        while (at < page.length && compareThreads(page[at]!, thread) === 0) at++
        return page.slice(from, at)
      })
  }
})
