/** What stands in the way of a batch, for its refusal. Called by append alone, under its lock. */

export const obstructingReceipts = `
create function obstructing_receipts(tenants text[], commands text[]) returns json
language sql stable as $$
  select coalesce(json_agg(json_build_object(
    'tenant', stored.tenant, 'commandId', stored.command_id, 'threadId', stored.thread_id,
    'fingerprint', encode(stored.fingerprint, 'hex'), 'status', stored.status, 'version', stored.version,
    'rejection', stored.rejection, 'at', iso_time(stored.at)
  )), '[]')
  from unnest(tenants, commands) as new (tenant, command_id)
  join command_receipt stored on stored.tenant = new.tenant and stored.command_id = new.command_id
$$`

export const obstructingVersions = `
create function obstructing_versions(tenants text[], threads text[], versions bigint[]) returns json
language sql stable as $$
  select coalesce(json_agg(json_build_object(
    'tenant', stored.tenant, 'threadId', stored.thread_id, 'version', stored.version, 'position', stored.position,
    'hash', encode(stored.hash, 'hex')
  ) order by stored.position), '[]')
  from unnest(tenants, threads, versions) as new (tenant, thread_id, version)
  join event stored
    on stored.tenant = new.tenant and stored.thread_id = new.thread_id and stored.version = new.version
$$`

export const obstructingCursors = `
create function obstructing_cursors(sessions text[], generations integer[], throughs bigint[]) returns json
language sql stable as $$
  select coalesce(json_agg(json_build_object(
    'sessionId', stored.session_id, 'generation', stored.generation, 'through', stored.through
  )), '[]')
  from unnest(sessions, generations, throughs) as new (session_id, generation, through)
  join session_cursor stored on stored.session_id = new.session_id
  where (new.generation, new.through) < (stored.generation, stored.through)
$$`
