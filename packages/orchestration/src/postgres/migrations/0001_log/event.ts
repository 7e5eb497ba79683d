/**
 * The log. `data` is json and not jsonb: the bytes that were hashed are the bytes that are stored. Fixed-width columns come
 * first, since that packs a row tighter. No check constraints here nor on receipts: they took a sixth of the append.
 */
export const event = `
create table event (
  position bigint primary key,
  version bigint not null,
  at timestamptz not null,
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
  unique (tenant, thread_id, version)
)`
