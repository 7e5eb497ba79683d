/** The commands of `docs/backup.md`, which a check runs and holds against the page. `$DATABASE_URL` and `$NEW_DATABASE_URL` are addresses. */
export const commands = {
  dump: 'pg_dump --format=custom --schema=spillway --no-owner --no-privileges --file=spillway.dump "$DATABASE_URL"',
  restore:
    'pg_restore --no-owner --no-privileges --exit-on-error --single-transaction --dbname="$NEW_DATABASE_URL" spillway.dump',
  newLog: 'psql "$NEW_DATABASE_URL" -c "update spillway.log_head set log_id = gen_random_uuid()::text"',
  baseBackup: 'pg_basebackup --pgdata=backup --wal-method=stream --checkpoint=fast --dbname="$DATABASE_URL"'
} as const
