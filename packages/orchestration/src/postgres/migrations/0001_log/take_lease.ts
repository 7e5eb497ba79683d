/**
 * Takes a lease that nobody holds or that has run out; answers its new epoch, or null. It locks the log first: an append
 * of the old holder is either in the log before the epoch grows, where the new holder reads it, or sees the new epoch and
 * is refused.
 */
export const takeLease = `
create function take_lease(new_owner text, duration interval) returns bigint
language plpgsql as $$
declare
  new_epoch bigint;
begin
  perform from log_head where id = 1 for update;
  update node_lease
    set owner = new_owner, epoch = epoch + 1, expires_at = clock_timestamp() + duration
    where owner is null or expires_at < clock_timestamp()
    returning epoch into new_epoch;
  return new_epoch;
end
$$`
