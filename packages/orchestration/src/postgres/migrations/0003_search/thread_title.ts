/**
 * Titles of threads that have one, to be searched. They are in `thread` too, for lists; but that row moves with every batch of
 * events, and each time it would take its words in the index along.
 */
export const threadTitle = [
  `create table thread_title (
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  created_at text collate "C" not null,
  title text not null,
  primary key (tenant, thread_id)
)`,
  `insert into thread_title select tenant, thread_id, created_at, title from thread where title is not null`,
  `create index thread_title_search on thread_title using gin (search_document(tenant, thread_id, title))
  with (gin_pending_list_limit = 256)`,
  `alter index thread_title_search alter column 1 set statistics 0`
]
