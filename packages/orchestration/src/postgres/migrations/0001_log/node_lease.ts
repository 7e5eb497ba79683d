/** Who runs the sessions; one row. Times are the database's, so that no two clocks are ever compared. */
export const nodeLease = `
create table node_lease (
  id smallint primary key default 1 check (id = 1),
  epoch bigint not null default 0,
  owner text,
  expires_at timestamptz not null default '-infinity'
)`

export const nodeLeaseRow = `insert into node_lease default values`
