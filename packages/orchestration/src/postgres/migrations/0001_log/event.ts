/**
 * The log. `data` is json and not jsonb: the bytes that were hashed are the bytes that are stored. Fixed-width columns come
 * first, since that packs a row tighter.
 */
export const event = `
create table event (
  position bigint primary key,
  version bigint not null check (version > 0),
  at timestamptz not null,
  schema_version smallint not null,
  encoding smallint not null,
  hash bytea not null check (octet_length(hash) = 32),
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  type text collate "C" not null,
  command_id text collate "C",
  causation_id text collate "C",
  correlation_id text collate "C",
  actor text collate "C" not null,
  data json not null,
  unique (tenant, thread_id, version)
)`
