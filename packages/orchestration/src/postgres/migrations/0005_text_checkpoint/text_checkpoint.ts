/**
 * Pieces of text that no event holds yet, numbered within their session. A session that has flushed all of them numbers the next ones
 * from 0 again, so that most writes are updates in place: the table holds no more rows than are needed at once, and hardly needs vacuum.
 * What recovery takes from it is only what lies beyond the durable length, and so a piece that events hold by now may stay.
 *
 * A piece says itself how far its session has come with it: a second row to update, in session_cursor, would cost as much as the text.
 *
 * Pages keep room for the next version of a row beside it. What mostly stays the same in an updated row comes first: the beginning that
 * two versions have in common is not logged again.
 */
export const textCheckpoint = `
create table text_checkpoint (
  ordinal integer not null,
  generation integer not null,
  session_id text collate "C" not null,
  message_id text collate "C" not null,
  part_id text collate "C" not null,
  item_id text collate "C",
  tool_call_id text collate "C",
  kind text collate "C" not null,
  through bigint not null,
  "offset" integer not null,
  resumes_at integer not null,
  text text not null,
  primary key (session_id, ordinal)
) with (fillfactor = 90)`
