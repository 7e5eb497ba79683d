/**
 * Where the log ends; one row. Every append locks it before anything else, so that position order is commit order and a
 * batch that is rolled back leaves no hole. `log_id` names this log: cursors of another one mean nothing here.
 */
export const logHead = `
create table log_head (
  id smallint primary key default 1 check (id = 1),
  position bigint not null default 0,
  log_id text not null default gen_random_uuid()::text,
  hash bytea not null default decode(repeat('00', 32), 'hex')
)`

export const logHeadRow = `insert into log_head default values`
