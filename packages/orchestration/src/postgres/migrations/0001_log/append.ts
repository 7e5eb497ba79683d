/**
 * The one way into the log: all of a batch or nothing, in one statement, which is its own transaction. So the lock on the
 * log's head is held only while the server works, never while it waits for a client.
 *
 * Every append takes that lock first, and nothing else writes to these tables: what is looked up behind it stays true until
 * the commit. Rows simply go in; a key that is taken already takes the batch out again and is looked up then. Nothing is
 * raised for what stands in the way: `refusal` says it, and is null when the batch went in.
 *
 * `before_*` name each thread of the batch once, with the version that its first event follows, which must be there. These
 * lookups are scalar subqueries on purpose: a join's plan would be made while the table is small and kept while it grows.
 * Arrays are unnested in the select list, which takes a third less time than in `from`.
 */
export const append = `
create function append(
  event_tenants text[], event_threads text[], event_versions bigint[], event_types text[],
  event_schema_versions smallint[], event_encodings smallint[], event_commands text[], event_causations text[],
  event_correlations text[], event_actors text[], event_ats timestamptz[], event_datas text[], event_hashes bytea[],
  before_tenants text[], before_threads text[], before_versions bigint[],
  receipt_tenants text[], receipt_commands text[], receipt_threads text[], receipt_fingerprints bytea[],
  receipt_statuses text[], receipt_versions bigint[], receipt_rejections text[], receipt_ats timestamptz[],
  cursor_sessions text[], cursor_generations integer[], cursor_throughs bigint[],
  lease_epoch bigint, channel text, writer text,
  out first_position bigint, out refusal json
)
language plpgsql as $$
declare
  head_position bigint;
  head_hash bytea;
  at_position bigint;
  event_hash bytea;
  fenced boolean;
  obstructed boolean;
  taken_key name;
begin
  select position, hash into head_position, head_hash from log_head where id = 1 for update;

  fenced := lease_epoch is not null and lease_epoch < (select epoch from node_lease where id = 1);
  obstructed := fenced
    or exists (
      select from (
        select
          unnest(cursor_sessions) as session_id, unnest(cursor_generations) as generation,
          unnest(cursor_throughs) as through
      ) as new
      where (
        select (new.generation, new.through) < (stored.generation, stored.through)
        from session_cursor stored where stored.session_id = new.session_id
      )
    )
    or exists (
      select from (
        select
          unnest(before_tenants) as tenant, unnest(before_threads) as thread_id, unnest(before_versions) as version
      ) as before
      where (
        select true from event stored
        where stored.tenant = before.tenant and stored.thread_id = before.thread_id and stored.version = before.version
      ) is null
    );

  if not obstructed then
    begin
      if cardinality(receipt_commands) > 0 then
        insert into command_receipt (tenant, command_id, thread_id, fingerprint, status, version, rejection, at)
          select
            unnest(receipt_tenants), unnest(receipt_commands), unnest(receipt_threads), unnest(receipt_fingerprints),
            unnest(receipt_statuses), unnest(receipt_versions), unnest(receipt_rejections)::json, unnest(receipt_ats);
      end if;
      if cardinality(event_versions) > 0 then
        insert into event (
          position, tenant, thread_id, version, type, schema_version, encoding, command_id, causation_id,
          correlation_id, actor, at, data, hash
        )
          select
            generate_series(head_position + 1, head_position + cardinality(event_versions)),
            unnest(event_tenants), unnest(event_threads), unnest(event_versions), unnest(event_types),
            unnest(event_schema_versions), unnest(event_encodings), unnest(event_commands), unnest(event_causations),
            unnest(event_correlations), unnest(event_actors), unnest(event_ats), unnest(event_datas)::json,
            unnest(event_hashes);
      end if;
    exception when unique_violation then
      get stacked diagnostics taken_key = constraint_name;
      if taken_key = 'event_pkey' then
        raise exception 'The log goes on past its head, position %', head_position using errcode = 'data_corrupted';
      end if;
      obstructed := true;
    end;
  end if;

  if obstructed then
    refusal := json_build_object(
      'fenced', fenced,
      'receipts', obstructing_receipts(receipt_tenants, receipt_commands),
      'taken', obstructing_versions(event_tenants, event_threads, event_versions),
      'cursors', obstructing_cursors(cursor_sessions, cursor_generations, cursor_throughs)
    );
    return;
  end if;

  if cardinality(cursor_sessions) > 0 then
    insert into session_cursor (session_id, generation, through)
      select unnest(cursor_sessions), unnest(cursor_generations), unnest(cursor_throughs)
      on conflict (session_id) do update set generation = excluded.generation, through = excluded.through;
  end if;

  if cardinality(event_versions) = 0 then
    first_position := head_position;
    return;
  end if;

  at_position := head_position;
  foreach event_hash in array event_hashes loop
    at_position := at_position + 1;
    head_hash := sha256(head_hash || int8send(at_position) || event_hash);
  end loop;
  update log_head set position = at_position, hash = head_hash where id = 1;
  perform pg_notify(channel, writer);
  first_position := head_position + 1;
end
$$`
