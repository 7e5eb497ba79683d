-- What the migrations come to. Written by a test, for review; see migrations/index.ts.

create table activity (
  turn_index integer not null,
  activity_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  activity json not null,
  constraint activity_pkey PRIMARY KEY (tenant, thread_id, turn_index, activity_index)
);

create table command_receipt (
  version bigint,
  at timestamp with time zone not null,
  fingerprint bytea not null,
  status text collate "C" not null,
  tenant text collate "C" not null,
  command_id text collate "C" not null,
  thread_id text collate "C" not null,
  rejection json,
  constraint command_receipt_pkey PRIMARY KEY (tenant, command_id)
);

create table event (
  position bigint not null,
  version bigint not null,
  at timestamp with time zone not null,
  schema_version smallint not null,
  encoding smallint not null,
  hash bytea not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  type text collate "C" not null,
  command_id text collate "C",
  causation_id text collate "C",
  correlation_id text collate "C",
  actor text collate "C" not null,
  data json not null,
  constraint event_pkey PRIMARY KEY ("position"),
  constraint event_tenant_thread_id_version_key UNIQUE (tenant, thread_id, version)
);

create table log_head (
  id smallint not null default 1,
  position bigint not null default 0,
  log_id text not null default (gen_random_uuid())::text,
  hash bytea not null default decode(repeat('00'::text, 32), 'hex'::text),
  constraint log_head_id_check CHECK ((id = 1)),
  constraint log_head_pkey PRIMARY KEY (id)
);

create table message (
  turn_index integer not null,
  message_index integer not null,
  opened_at_version integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  message_id text collate "C" not null,
  step_id text collate "C",
  role text collate "C" not null,
  status text collate "C" not null,
  actor text not null,
  runtime text,
  model text,
  error json,
  opened_at text collate "C" not null,
  closed_at text collate "C",
  text text,
  constraint message_pkey PRIMARY KEY (tenant, thread_id, turn_index, message_index)
) with (fillfactor=80);

create table message_part (
  turn_index integer not null,
  message_index integer not null,
  part_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  part_id text collate "C" not null,
  type text collate "C" not null,
  text text,
  text_length integer,
  constraint message_part_pkey PRIMARY KEY (tenant, thread_id, turn_index, message_index, part_index)
);

create table migration (
  id integer not null,
  name text not null,
  digest text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (id)
);

create table node_lease (
  id smallint not null default 1,
  epoch bigint not null default 0,
  owner text,
  expires_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  process text,
  backend_pid integer,
  backend_start timestamp with time zone,
  server_start timestamp with time zone,
  constraint node_lease_id_check CHECK ((id = 1)),
  constraint node_lease_pkey PRIMARY KEY (id)
);

create table projection (
  position bigint not null default 0,
  version integer not null,
  name text collate "C" not null,
  failed text,
  generation integer not null default 1,
  constraint projection_pkey PRIMARY KEY (name)
) with (fillfactor=50);

create table projection_rebuild (
  target bigint not null,
  loaded bigint not null default 0,
  position bigint not null default 0,
  run_from bigint not null default 0,
  started_at timestamp with time zone not null default clock_timestamp(),
  run_at timestamp with time zone not null default clock_timestamp(),
  moved_at timestamp with time zone not null default clock_timestamp(),
  version integer not null,
  name text collate "C" not null,
  build text not null,
  run text not null,
  phase text collate "C" not null default 'threads'::text,
  tenant text collate "C",
  thread_id text collate "C",
  failed text,
  constraint projection_rebuild_phase_check CHECK ((phase = ANY (ARRAY['threads'::text, 'indexes'::text, 'events'::text]))),
  constraint projection_rebuild_pkey PRIMARY KEY (name)
) with (fillfactor=50);

create table request (
  turn_index integer not null,
  request_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  request_id text collate "C" not null,
  step_id text collate "C",
  tool_call_id text collate "C",
  kind text collate "C" not null,
  title text not null,
  questions json not null,
  status text collate "C" not null,
  response json,
  opened_at text collate "C" not null,
  constraint request_pkey PRIMARY KEY (tenant, thread_id, turn_index, request_index)
) with (fillfactor=80);

create table session_cursor (
  through bigint not null,
  generation integer not null,
  session_id text collate "C" not null,
  constraint session_cursor_pkey PRIMARY KEY (session_id)
) with (fillfactor=50);

create table step (
  turn_index integer not null,
  step_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  step_id text collate "C" not null,
  status text collate "C" not null,
  usage json not null,
  input_tokens double precision generated always as (((usage ->> 'inputTokens'::text))::double precision) stored,
  output_tokens double precision generated always as (((usage ->> 'outputTokens'::text))::double precision) stored,
  total_tokens double precision generated always as (((usage ->> 'totalTokens'::text))::double precision) stored,
  reasoning_tokens double precision generated always as (((usage ->> 'reasoningTokens'::text))::double precision) stored,
  cached_input_tokens double precision generated always as (((usage ->> 'cachedInputTokens'::text))::double precision) stored,
  finish_reason text,
  response_id text,
  constraint step_pkey PRIMARY KEY (tenant, thread_id, turn_index, step_index)
) with (fillfactor=80);

create table subscription (
  position bigint not null,
  epoch bigint not null default 0,
  expires_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  moved_at timestamp with time zone not null default clock_timestamp(),
  failures integer not null default 0,
  stopped boolean not null default false,
  name text collate "C" not null,
  owner text,
  failure text,
  constraint subscription_pkey PRIMARY KEY (name)
) with (fillfactor=50);

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
  offset integer not null,
  resumes_at integer not null,
  text text not null,
  constraint text_checkpoint_pkey PRIMARY KEY (session_id, ordinal)
) with (fillfactor=90);

create table thread (
  version integer not null,
  turn_count integer not null,
  message_count integer not null,
  pending_requests integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  status text collate "C" not null,
  title text,
  created_at text collate "C" not null,
  updated_at text collate "C" not null,
  updated_hour text collate "C" not null generated always as ("left"(updated_at, 13)) stored,
  active_turn_id text collate "C",
  queue json not null,
  metadata json,
  constraint thread_pkey PRIMARY KEY (tenant, thread_id)
) with (fillfactor=50);

create table thread_snapshot (
  version bigint not null,
  shape integer not null,
  hash bytea not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  state json not null,
  constraint thread_snapshot_hash_check CHECK ((octet_length(hash) = 32)),
  constraint thread_snapshot_pkey PRIMARY KEY (tenant, thread_id)
);

create table thread_title (
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  created_at text collate "C" not null,
  title text not null,
  constraint thread_title_pkey PRIMARY KEY (tenant, thread_id)
);

create table tool_call (
  turn_index integer not null,
  message_index integer not null,
  part_index integer not null,
  closed_at_version integer,
  input_truncated boolean not null,
  provider_executed boolean not null,
  output_truncated boolean not null,
  result_truncated boolean not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  part_id text collate "C" not null,
  tool_call_id text collate "C" not null,
  name text not null,
  status text collate "C" not null,
  input json,
  output text not null,
  result json,
  error json,
  constraint tool_call_pkey PRIMARY KEY (tenant, thread_id, turn_index, message_index, part_index)
) with (fillfactor=80);

create table turn (
  turn_index integer not null,
  placed_at_version integer,
  interrupt_requested boolean not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  turn_id text collate "C" not null,
  message_id text collate "C" not null,
  status text collate "C" not null,
  assistant_delivery_mode text collate "C" not null,
  choice json not null,
  retry_of text collate "C",
  retried_by text collate "C",
  reason text,
  error json,
  requested_at text collate "C" not null,
  started_at text collate "C",
  ended_at text collate "C",
  preview text not null,
  constraint turn_pkey PRIMARY KEY (tenant, thread_id, turn_index),
  constraint turn_tenant_thread_id_turn_id_key UNIQUE (tenant, thread_id, turn_id)
) with (fillfactor=80);

CREATE INDEX message_by_id ON message USING btree (tenant, thread_id, message_id);

CREATE INDEX message_search ON message USING gin (search_document(tenant, thread_id, text)) WITH (gin_pending_list_limit='1024') WHERE ((role <> 'system'::text) AND (status <> 'discarded'::text) AND (text <> ''::text));

CREATE INDEX thread_busy ON thread USING btree (tenant, thread_id) WHERE (active_turn_id IS NOT NULL);

CREATE INDEX thread_by_update ON thread USING btree (tenant, status, updated_hour);

CREATE INDEX thread_title_search ON thread_title USING gin (search_document(tenant, thread_id, title)) WITH (gin_pending_list_limit='256');

CREATE OR REPLACE FUNCTION append(event_tenants text[], event_threads text[], event_versions bigint[], event_types text[], event_schema_versions smallint[], event_encodings smallint[], event_commands text[], event_causations text[], event_correlations text[], event_actors text[], event_ats timestamp with time zone[], event_datas text[], event_hashes bytea[], before_tenants text[], before_threads text[], before_versions bigint[], receipt_tenants text[], receipt_commands text[], receipt_threads text[], receipt_fingerprints bytea[], receipt_statuses text[], receipt_versions bigint[], receipt_rejections text[], receipt_ats timestamp with time zone[], cursor_sessions text[], cursor_generations integer[], cursor_throughs bigint[], lease_epoch bigint, channel text, writer text, OUT first_position bigint, OUT refusal json)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION checkpoint_text(piece_sessions text[], piece_generations integer[], piece_throughs bigint[], piece_ordinals integer[], piece_messages text[], piece_parts text[], piece_items text[], piece_calls text[], piece_kinds text[], piece_offsets integer[], piece_resumes integer[], piece_texts text[], ended_sessions text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION iso_time(at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN to_char((at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text)
;

CREATE OR REPLACE FUNCTION obstructing_cursors(sessions text[], generations integer[], throughs bigint[])
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(json_agg(json_build_object(
    'sessionId', stored.session_id, 'generation', stored.generation, 'through', stored.through
  )), '[]')
  from unnest(sessions, generations, throughs) as new (session_id, generation, through)
  join session_cursor stored on stored.session_id = new.session_id
  where (new.generation, new.through) < (stored.generation, stored.through)
$function$
;

CREATE OR REPLACE FUNCTION obstructing_receipts(tenants text[], commands text[])
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(json_agg(json_build_object(
    'tenant', stored.tenant, 'commandId', stored.command_id, 'threadId', stored.thread_id,
    'fingerprint', encode(stored.fingerprint, 'hex'), 'status', stored.status, 'version', stored.version,
    'rejection', stored.rejection, 'at', iso_time(stored.at)
  )), '[]')
  from unnest(tenants, commands) as new (tenant, command_id)
  join command_receipt stored on stored.tenant = new.tenant and stored.command_id = new.command_id
$function$
;

CREATE OR REPLACE FUNCTION obstructing_versions(tenants text[], threads text[], versions bigint[])
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(json_agg(json_build_object(
    'tenant', stored.tenant, 'threadId', stored.thread_id, 'version', stored.version, 'position', stored.position,
    'hash', encode(stored.hash, 'hex')
  ) order by stored.position), '[]')
  from unnest(tenants, threads, versions) as new (tenant, thread_id, version)
  join event stored
    on stored.tenant = new.tenant and stored.thread_id = new.thread_id and stored.version = new.version
$function$
;

CREATE OR REPLACE FUNCTION prove_lease(holder text, holder_epoch bigint, holder_process text, duration interval)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  update node_lease
    set
      expires_at = clock_timestamp() + duration, process = holder_process, backend_pid = pg_backend_pid(),
      backend_start = (select activity.backend_start from pg_stat_activity activity where pid = pg_backend_pid()),
      server_start = pg_postmaster_start_time()
    where owner = holder and epoch = holder_epoch;
  return found;
end
$function$
;

CREATE OR REPLACE FUNCTION search_document(tenant text, thread_id text, text text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((search_text(text))::tsvector || array_to_tsvector(ARRAY[(' '::text || tenant), (((' '::text || tenant) || ' '::text) || thread_id)]))
;

CREATE OR REPLACE FUNCTION search_text(text text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $function$
begin
  text := regexp_replace(lower(left(text, 100000)), '[\u0001-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u037e\u0387\u055a-\u055f\u0589-\u058a\u05be\u05f3-\u05f4\u060c-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964-\u0965\u0f0b-\u0f14\u1680\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u30fb\ufe00-\ufe6f\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001faff\U000e0000-\U000e01ef]+', ' ', 'g');
  text := regexp_replace(text, '([\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1780-\u17d3\u3005-\u3007\u3021-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])', ' \1 ', 'g');
  return regexp_replace(text, '[^ ]{255,}', '', 'g');
end $function$
;

CREATE OR REPLACE FUNCTION take_lease(new_owner text, duration interval)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  new_epoch bigint;
begin
  perform from log_head where id = 1 for update;
  update node_lease
    set
      owner = new_owner, epoch = epoch + 1, expires_at = clock_timestamp() + duration, process = null,
      backend_pid = null, backend_start = null, server_start = null
    where owner is null or expires_at < clock_timestamp()
    returning epoch into new_epoch;
  return new_epoch;
end
$function$
;

CREATE OR REPLACE FUNCTION take_seen_lease(seen_epoch bigint, seen_expires_at text, new_owner text, new_process text, duration interval)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  new_epoch bigint;
begin
  perform from log_head where id = 1 for update;
  update node_lease
    set owner = new_owner, epoch = epoch + 1
    where epoch = seen_epoch and (owner is null or expires_at::text = seen_expires_at)
    returning epoch into new_epoch;
  if new_epoch is not null then
    perform prove_lease(new_owner, new_epoch, new_process, duration);
  end if;
  return new_epoch;
end
$function$
;
