/**
 * Searches: titles first, then messages, of each the newest first. That order needs no look at the texts, so that a word which stands in
 * very many costs no more than to sort their rows, and pages stay as they are while threads go on.
 */
import {
  type MessageHit,
  type MessageId,
  SEARCHED_TEXT_LIMIT,
  type SearchHit,
  type TenantId,
  type ThreadId,
  type TitleHit,
  type TurnId
} from "@spillway/contracts"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SearchCursor } from "../../ReadModels.ts"
import { isShown } from "../threads/shown.ts"
import { hasRows, type SearchQuery, tsqueryText } from "./SearchQuery.ts"
import { foundIn } from "./foundIn.ts"
import type { Phrase } from "./words.ts"

export interface Searched {
  readonly tenant: TenantId
  readonly query: SearchQuery
  readonly threadId: ThreadId | undefined
  readonly before: SearchCursor | undefined
  readonly limit: number
}

interface HitRow {
  readonly thread_id: ThreadId
  readonly at: string
  readonly title: string | null
  readonly text: string
}

interface MessageHitRow extends HitRow {
  readonly message_id: MessageId
  readonly turn_id: TurnId
  readonly role: "user" | "assistant"
}

/** Has the words, and is of the tenant or the thread: see `search_document`. */
const hasWords = (sql: SqlClient, { query, tenant, threadId }: Searched) => {
  const place = threadId === undefined ? ` ${tenant}` : ` ${tenant} ${threadId}`
  return sql`@@ (${lexeme(place)}::tsquery && lower(${tsqueryText(query)})::tsquery)`
}

const lexeme = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`

/** Has what is wanted and nothing that is unwanted as it is said, which `said` knows of a text. */
const fits = (sql: SqlClient, query: SearchQuery) =>
  sql.or(
    query.map(({ unwanted, wanted }) =>
      sql.and([
        ...wanted.map((phrase) => sql`strpos(said, lower(${spaced(phrase)})) > 0`),
        ...unwanted.map((phrase) => sql`strpos(said, lower(${spaced(phrase)})) = 0`)
      ])
    )
  )

const spaced = (phrase: Phrase): string => ` ${phrase.join(" ")} `

const said = (sql: SqlClient, text: string) =>
  sql.literal(
    `cross join lateral (select regexp_replace(' ' || search_text(${text}) || ' ', ' +', ' ', 'g') as said offset 0) said`
  )

const after = (sql: SqlClient, columns: string, place: ReadonlyArray<string | null>) =>
  sql`and (${sql.literal(columns)}) < (${sql.csv(place.map((part) => sql`${part}`))})`

export const readTitleHits = (sql: SqlClient, searched: Searched) => {
  const { before, limit, query, tenant } = searched
  return Effect.map(
    sql<HitRow>`
      select t.thread_id, t.created_at as at, t.title, t.title as text
      from thread_title t join thread h using (tenant, thread_id)
      ${said(sql, "t.title")}
      where t.tenant = ${tenant} and h.status <> 'deleted'
        and search_document(t.tenant, t.thread_id, t.title) ${hasWords(sql, searched)} and ${fits(sql, query)}
        ${before === undefined ? sql.literal("") : after(sql, "t.created_at, t.thread_id", [before.at, before.threadId])}
      order by t.created_at desc, t.thread_id desc limit ${limit}`,
    (rows) => rows.map((row): TitleHit => ({ type: "title", ...hitOf(row, query) }))
  )
}

// What has the words is put in order first, and then looked at, one after the other, until a page is full.
export const readMessageHits = (sql: SqlClient, searched: Searched) => {
  const { before, limit, query, tenant } = searched
  const place = before === undefined ? null : [before.at, before.threadId, before.messageId]
  return Effect.flatMap(
    sql<MessageHitRow>`
      select m.thread_id, m.closed_at as at, m.message_id, t.turn_id, m.role, h.title,
        left(x.text, ${SEARCHED_TEXT_LIMIT}) as text
      from (
        select tenant, thread_id, turn_index, message_index, closed_at, message_id, role, status
        from message
        where tenant = ${tenant} and role <> 'system' and status <> 'discarded' and text <> ''
          and search_document(tenant, thread_id, text) ${hasWords(sql, searched)}
          ${place === null ? sql.literal("") : after(sql, "closed_at, thread_id, message_id", place)}
        order by closed_at desc, thread_id desc, message_id desc
      ) m
      join thread h using (tenant, thread_id)
      join turn t using (tenant, thread_id, turn_index)
      join message x using (tenant, thread_id, turn_index, message_index)
      ${hasRows(query) ? said(sql, "x.text") : sql.literal("")}
      where h.status <> 'deleted' and ${sql.literal(isShown)} ${hasRows(query) ? sql`and ${fits(sql, query)}` : sql.literal("")}
      order by m.closed_at desc, m.thread_id desc, m.message_id desc limit ${limit}`,
    (rows) =>
      // Each text may be long: others get their turn in between.
      Effect.forEach(rows, (row) =>
        Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => messageHitOf(row, query))
        )
      )
  )
}

const hitOf = (row: HitRow, query: SearchQuery): Omit<TitleHit, "type"> => ({
  threadId: row.thread_id,
  at: row.at,
  title: row.title,
  ...foundIn(row.text, query)
})

const messageHitOf = (row: MessageHitRow, query: SearchQuery): MessageHit => ({
  type: "message",
  messageId: row.message_id,
  turnId: row.turn_id,
  role: row.role,
  ...hitOf(row, query)
})

export const searchCursorOf = (hit: SearchHit): SearchCursor => ({
  at: hit.at,
  threadId: hit.threadId,
  messageId: hit.type === "message" ? hit.messageId : null
})
