/** What was answered to each client command: the same command again gets the same answer, and happens once. */
export const commandReceipt = `
create table command_receipt (
  version bigint,
  at timestamptz not null,
  fingerprint bytea not null,
  status text collate "C" not null,
  tenant text collate "C" not null,
  command_id text collate "C" not null,
  thread_id text collate "C" not null,
  rejection json,
  primary key (tenant, command_id)
)`
