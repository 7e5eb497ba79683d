/**
 * All text that a closed message says, a line break between its parts; of these, `message_part` keeps the length. So a message is
 * one document of the search index, whatever number of parts it came in, and no text is stored a second time for it.
 */
export const messageText = [
  `alter table message add column text text`,
  `alter table message_part alter column text drop not null, add column text_length integer`,
  `update message set text = coalesce((
    select string_agg(part.text, E'\\n' order by part.part_index)
    from message_part part
    where part.tenant = message.tenant and part.thread_id = message.thread_id
      and part.turn_index = message.turn_index and part.message_index = message.message_index
      and part.type = 'text'), '')
  where status <> 'open'`,
  // In UTF-16 code units, as texts are measured everywhere.
  `update message_part
  set text_length = length(text) + length(regexp_replace(text, '[^\\U00010000-\\U0010ffff]', '', 'g')), text = null
  where type = 'text'`
]

/**
 * What a person sees of messages that are closed. The index is of an expression: the words are nowhere but in it, since a column of
 * them would take as much room again as the text. New words wait in a list until a megabyte of them is merged at once; a shorter
 * list means more write-ahead log, a longer one slower searches and longer merges.
 *
 * `analyze` would make the document of thousands of texts each time, and it is not needed: without statistics a match is taken for
 * rare, so that the index is asked first.
 */
export const messageSearch = [
  `create index message_search on message using gin (search_document(tenant, thread_id, text))
  with (gin_pending_list_limit = 1024)
  where role <> 'system' and status <> 'discarded' and text <> ''`,
  `alter index message_search alter column 1 set statistics 0`
]

/** A retried turn's message is in the new one as well. */
export const messageById = `create index message_by_id on message (tenant, thread_id, message_id)`
