/** Checkpoints. `failed` says why the projection can't get past its position. */
export const projection = `
create table projection (
  position bigint not null default 0,
  version integer not null,
  name text collate "C" not null,
  failed text,
  primary key (name, version)
) with (fillfactor = 50)`
