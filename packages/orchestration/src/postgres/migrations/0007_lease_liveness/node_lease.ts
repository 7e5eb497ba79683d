/**
 * By which connection the holder last proved itself, and since when the server runs that saw it: a server that was restarted has none of
 * its connections, whoever lives. And which process it is, to whoever is on the same machine. Null where the holder does not say, as an
 * older version does not.
 */
export const nodeLease = `
alter table node_lease
  add column process text,
  add column backend_pid integer,
  add column backend_start timestamptz,
  add column server_start timestamptz`
