/**
 * One row for each name. `position`: everything up to it was handled. Each time the subscription changes hands or is reset its epoch
 * grows by one, and a checkpoint under an older epoch is refused. Times are the database's. `failures`: in a row, since the position
 * last moved; `failure` says what the last one was, `stopped` that it is not tried again by itself.
 */
export const subscription = `
create table subscription (
  position bigint not null,
  epoch bigint not null default 0,
  expires_at timestamptz not null default '-infinity',
  moved_at timestamptz not null default clock_timestamp(),
  failures integer not null default 0,
  stopped boolean not null default false,
  name text collate "C" primary key,
  owner text,
  failure text
) with (fillfactor = 50)`
