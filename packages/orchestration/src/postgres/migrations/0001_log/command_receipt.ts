/** What was answered to each client command: the same command again gets the same answer, and happens once. */
export const commandReceipt = `
create table command_receipt (
  version bigint,
  at timestamptz not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  status text collate "C" not null check (status in ('accepted', 'rejected')),
  tenant text collate "C" not null,
  command_id text collate "C" not null,
  thread_id text collate "C" not null,
  rejection json,
  primary key (tenant, command_id),
  check ((status = 'accepted') = (version is not null)),
  check ((status = 'rejected') = (rejection is not null))
)`
