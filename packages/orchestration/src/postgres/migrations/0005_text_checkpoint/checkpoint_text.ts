/**
 * Writes pieces of un-flushed text, and takes away those of sessions that end. Called in the statement that calls append, for what that
 * has let in: behind its lock, and with all of it or nothing. Appends without such text never come here.
 *
 * An update that finds its row and else an insert, not `on conflict`: the lock on the log's head lets nobody in between, and a row that
 * need not be locked first is less to log.
 */
export const checkpointText = `
create function checkpoint_text(
  piece_sessions text[], piece_generations integer[], piece_throughs bigint[], piece_ordinals integer[],
  piece_messages text[], piece_parts text[], piece_items text[], piece_calls text[], piece_kinds text[],
  piece_offsets integer[], piece_resumes integer[], piece_texts text[], ended_sessions text[]
) returns void
language plpgsql as $$
declare
  piece record;
begin
  for piece in
    select
      unnest(piece_sessions) as session_id, unnest(piece_generations) as generation,
      unnest(piece_throughs) as through, unnest(piece_ordinals) as ordinal, unnest(piece_messages) as message_id,
      unnest(piece_parts) as part_id, unnest(piece_items) as item_id, unnest(piece_calls) as tool_call_id,
      unnest(piece_kinds) as kind, unnest(piece_offsets) as "offset", unnest(piece_resumes) as resumes_at,
      unnest(piece_texts) as text
  loop
    update text_checkpoint set
      generation = piece.generation, through = piece.through, message_id = piece.message_id, part_id = piece.part_id,
      item_id = piece.item_id, tool_call_id = piece.tool_call_id, kind = piece.kind, "offset" = piece."offset",
      resumes_at = piece.resumes_at, text = piece.text
      where session_id = piece.session_id and ordinal = piece.ordinal;
    if not found then
      insert into text_checkpoint (
        session_id, generation, through, ordinal, message_id, part_id, item_id, tool_call_id, kind, "offset",
        resumes_at, text
      )
        values (
          piece.session_id, piece.generation, piece.through, piece.ordinal, piece.message_id, piece.part_id,
          piece.item_id, piece.tool_call_id, piece.kind, piece."offset", piece.resumes_at, piece.text
        );
    end if;
  end loop;

  delete from text_checkpoint where session_id = any (ended_sessions);
end
$$`
