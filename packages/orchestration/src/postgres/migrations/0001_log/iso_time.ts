/** A time as every row of Spillway writes it in JSON: ISO 8601, UTC, milliseconds. */
export const isoTime = `
create function iso_time(at timestamptz) returns text
language sql stable parallel safe
return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
