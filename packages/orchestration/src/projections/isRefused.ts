import type { SqlError } from "effect/sql/SqlError"
import { appendFailure } from "../postgres/sqlFailure.ts"

/** The database would refuse the same rows again. */
export const isRefused = (error: SqlError): boolean =>
  appendFailure(error)._tag === "AppendInvalid" || error.reason._tag === "SqlSyntaxError"
