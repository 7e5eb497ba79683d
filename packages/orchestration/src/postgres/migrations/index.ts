/**
 * The schema's history, applied in this order and each once. A migration that has run anywhere is never changed: what is
 * wrong with it is put right by the next one. Each entry is one file, `<number>_<name>.ts`, that lists its statements; a
 * larger one has a folder beside it with one SQL object per file. After adding one, `schema.sql` is written again by
 * `SPILLWAY_WRITE_SCHEMA=1 npx vitest run packages/orchestration/src/postgres/schema.test.ts`.
 */
import { log } from "./0001_log.ts"
import { readModels } from "./0002_read_models.ts"
import { search } from "./0003_search.ts"
import { durableSubscriptions } from "./0004_durable_subscriptions.ts"
import { textCheckpoint } from "./0005_text_checkpoint.ts"
import { projectionGenerations } from "./0006_projection_generations.ts"
import { leaseLiveness } from "./0007_lease_liveness.ts"

export interface Migration {
  /** Dense, from 1. */
  readonly id: number
  readonly name: string
  /** One SQL statement each; unqualified names are in Spillway's schema. */
  readonly statements: ReadonlyArray<string>
}

export const migrations: ReadonlyArray<Migration> = [
  { id: 1, name: "log", statements: log },
  { id: 2, name: "read_models", statements: readModels },
  { id: 3, name: "search", statements: search },
  { id: 4, name: "durable_subscriptions", statements: durableSubscriptions },
  { id: 5, name: "text_checkpoint", statements: textCheckpoint },
  { id: 6, name: "projection_generations", statements: projectionGenerations },
  { id: 7, name: "lease_liveness", statements: leaseLiveness }
]
