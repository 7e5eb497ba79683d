/**
 * Projections that are being built again, into tables of the same names in a schema beside this one. Rows and progress are
 * committed together, so that a rebuild that was cut off goes on where it was.
 *
 * `phase`: `threads`, while whole threads are folded one after the other, of each the events up to `target`; then `indexes`; then
 * `events`, while what came later is projected in the log's order. `position` is how far the new tables are: 0 in the first two.
 * `loaded` counts the events of the threads up to the one that `tenant` and `thread_id` name. The run that is at it now began at
 * `run_at` with `run_from` events done, which tells its speed. `run` names it: another one that took over leaves it nothing to move.
 */
export const projectionRebuild = `
create table projection_rebuild (
  target bigint not null,
  loaded bigint not null default 0,
  position bigint not null default 0,
  run_from bigint not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  run_at timestamptz not null default clock_timestamp(),
  moved_at timestamptz not null default clock_timestamp(),
  version integer not null,
  name text collate "C" primary key,
  build text not null,
  run text not null,
  phase text collate "C" not null default 'threads' check (phase in ('threads', 'indexes', 'events')),
  tenant text collate "C",
  thread_id text collate "C",
  failed text
) with (fillfactor = 50)`
