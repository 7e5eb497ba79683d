/**
 * Takes the lease as it was seen: answers its new epoch, or null when it has changed hands or its holder has proved itself since. What was
 * seen is reason enough; the caller decides that. It locks the log first, as take_lease does and for the same reason.
 */
export const takeSeenLease = `
create function take_seen_lease(
  seen_epoch bigint, seen_expires_at text, new_owner text, new_process text, duration interval
) returns bigint
language plpgsql as $$
declare
  new_epoch bigint;
begin
  perform from log_head where id = 1 for update;
  update node_lease
    set owner = new_owner, epoch = epoch + 1
    where epoch = seen_epoch and (owner is null or expires_at::text = seen_expires_at)
    returning epoch into new_epoch;
  if new_epoch is not null then
    perform prove_lease(new_owner, new_epoch, new_process, duration);
  end if;
  return new_epoch;
end
$$`
