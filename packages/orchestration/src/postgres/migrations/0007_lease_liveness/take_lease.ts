/** How an older version takes the lease while both run: it proves nothing, and what its predecessor proved does not count for it. */
export const takeLease = `
create or replace function take_lease(new_owner text, duration interval) returns bigint
language plpgsql as $$
declare
  new_epoch bigint;
begin
  perform from log_head where id = 1 for update;
  update node_lease
    set
      owner = new_owner, epoch = epoch + 1, expires_at = clock_timestamp() + duration, process = null,
      backend_pid = null, backend_start = null, server_start = null
    where owner is null or expires_at < clock_timestamp()
    returning epoch into new_epoch;
  return new_epoch;
end
$$`
