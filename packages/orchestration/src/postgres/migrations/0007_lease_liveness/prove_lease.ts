/** The holder proves that it is there, by the connection that this is called on. False when the lease is not its any more. */
export const proveLease = `
create function prove_lease(holder text, holder_epoch bigint, holder_process text, duration interval) returns boolean
language plpgsql as $$
begin
  update node_lease
    set
      expires_at = clock_timestamp() + duration, process = holder_process, backend_pid = pg_backend_pid(),
      backend_start = (select activity.backend_start from pg_stat_activity activity where pid = pg_backend_pid()),
      server_start = pg_postmaster_start_time()
    where owner = holder and epoch = holder_epoch;
  return found;
end
$$`
