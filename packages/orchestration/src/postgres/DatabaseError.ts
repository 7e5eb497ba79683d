/** Why a database can't be used. Every message is one sentence that says what to do. */
import { Schema } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { causeText } from "./sqlFailure.ts"

/** No server answers, or it does not let this user in. */
export class DatabaseUnreachable extends Schema.TaggedError<DatabaseUnreachable>(
  "@spillway/orchestration/DatabaseUnreachable"
)("DatabaseUnreachable", { message: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }) {}

/** The server is older than Postgres 15. */
export class DatabaseTooOld extends Schema.TaggedError<DatabaseTooOld>(
  "@spillway/orchestration/DatabaseTooOld"
)("DatabaseTooOld", { message: Schema.String, version: Schema.String }) {}

/** Spillway's schema in this database was made by a newer version, or by something else. */
export class SchemaUnknown extends Schema.TaggedError<SchemaUnknown>("@spillway/orchestration/SchemaUnknown")(
  "SchemaUnknown",
  { message: Schema.String }
) {}

/** The server answers, and Spillway's schema could not be brought up to date; nothing of it was kept. */
export class MigrationFailed extends Schema.TaggedError<MigrationFailed>(
  "@spillway/orchestration/MigrationFailed"
)("MigrationFailed", { message: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }) {}

export type DatabaseError = DatabaseUnreachable | DatabaseTooOld | SchemaUnknown | MigrationFailed

export const unreachable = (error: SqlError): DatabaseUnreachable =>
  new DatabaseUnreachable({
    message: `The database can't be reached (${causeText(error)}): check DATABASE_URL and that the server runs, or unset it to use the embedded Postgres.`,
    cause: error
  })

/** The oldest major version of Postgres that Spillway runs on. */
const OLDEST_VERSION = 15

/** `version` as the server says it: `14.9 (Debian 14.9-1)`, `18beta1`. */
export const isTooOld = (version: string): boolean => Number.parseInt(version, 10) < OLDEST_VERSION

export const tooOld = (version: string): DatabaseTooOld =>
  new DatabaseTooOld({
    version,
    message: `The database runs Postgres ${version} and Spillway needs ${OLDEST_VERSION} or newer: upgrade it, or unset DATABASE_URL to use the embedded Postgres.`
  })
