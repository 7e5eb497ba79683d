/** The folded state of a thread at a version: what saves reading a long thread from its start. May be deleted at any time. */
export const threadSnapshot = `
create table thread_snapshot (
  version bigint not null,
  shape integer not null,
  hash bytea not null check (octet_length(hash) = 32),
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  state json not null,
  primary key (tenant, thread_id)
)`
