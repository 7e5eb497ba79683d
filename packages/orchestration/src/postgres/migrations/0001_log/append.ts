/**
 * The one way into the log: all of a batch or nothing, in one statement, which is its own transaction. So the lock on the
 * log's head is held only while the server works, never while it waits for a client.
 *
 * Everything that appends writes has its lock on log_head, taken first, in common; what is read after that line stays true
 * until the commit. Nothing is raised for conflicts and duplicates: rows go in with `on conflict do nothing` and are
 * counted, and only when some are missing are the others taken out again and the obstacles looked up. `refusal` is null
 * then when the batch went in.
 *
 * The lookups by key are scalar subqueries on purpose. A join's plan would be made while the tables are small and kept
 * while they grow.
 */
export const append = String.raw`
create function append(
  event_tenants text[], event_threads text[], event_versions bigint[], event_types text[],
  event_schema_versions smallint[], event_encodings smallint[], event_commands text[], event_causations text[],
  event_correlations text[], event_actors text[], event_ats timestamptz[], event_datas text[], event_hashes bytea[],
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
  inserted integer;
  fenced boolean := false;
  obstructed boolean := false;
begin
  select position, hash into head_position, head_hash from log_head where id = 1 for update;
  first_position := head_position + 1;

  if lease_epoch is not null then
    fenced := lease_epoch < (select epoch from node_lease);
    obstructed := fenced;
  end if;

  if cardinality(cursor_sessions) > 0 then
    obstructed := obstructed or exists (
      select from unnest(cursor_sessions, cursor_generations, cursor_throughs) as new (session_id, generation, through)
      where (
        select (new.generation, new.through) < (stored.generation, stored.through)
        from session_cursor stored where stored.session_id = new.session_id
      )
    );
  end if;

  if not obstructed and cardinality(receipt_commands) > 0 then
    insert into command_receipt (tenant, command_id, thread_id, fingerprint, status, version, rejection, at)
      select tenant, command_id, thread_id, fingerprint, status, version, rejection::json, at
      from unnest(
        receipt_tenants, receipt_commands, receipt_threads, receipt_fingerprints, receipt_statuses, receipt_versions,
        receipt_rejections, receipt_ats
      ) as new (tenant, command_id, thread_id, fingerprint, status, version, rejection, at)
      on conflict (tenant, command_id) do nothing;
    get diagnostics inserted = row_count;
    if inserted <> cardinality(receipt_commands) then
      obstructed := true;
    end if;
  end if;

  if not obstructed and cardinality(event_versions) > 0 then
    insert into event (
      position, tenant, thread_id, version, type, schema_version, encoding, command_id, causation_id, correlation_id,
      actor, at, data, hash
    )
      select
        head_position + ordinal, tenant, thread_id, version, type, schema_version, encoding, command_id, causation_id,
        correlation_id, actor, at, data::json, hash
      from unnest(
        event_tenants, event_threads, event_versions, event_types, event_schema_versions, event_encodings,
        event_commands, event_causations, event_correlations, event_actors, event_ats, event_datas, event_hashes
      ) with ordinality as new (
        tenant, thread_id, version, type, schema_version, encoding, command_id, causation_id, correlation_id, actor, at,
        data, hash, ordinal
      )
      on conflict (tenant, thread_id, version) do nothing;
    get diagnostics inserted = row_count;
    if inserted <> cardinality(event_versions) then
      obstructed := true;
    elsif exists (
      select from unnest(event_tenants, event_threads, event_versions) as new (tenant, thread_id, version)
      where new.version > 1 and (
        select false from event before
        where before.tenant = new.tenant and before.thread_id = new.thread_id and before.version = new.version - 1
      ) is null
    ) then
      raise exception 'An event does not follow the one before it in its thread' using errcode = 'check_violation';
    end if;
  end if;

  if obstructed then
    delete from event where position > head_position;
    delete from command_receipt stored
      using unnest(receipt_tenants, receipt_commands) as new (tenant, command_id)
      where stored.tenant = new.tenant and stored.command_id = new.command_id
        and stored.xmin = pg_current_xact_id()::xid;
    first_position := null;
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
      select * from unnest(cursor_sessions, cursor_generations, cursor_throughs)
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
end
$$`
