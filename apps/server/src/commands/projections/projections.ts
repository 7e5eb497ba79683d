/** `spillway projections …`. */
import { Command } from "effect/cli"
import { check } from "./check.ts"
import { rebuild } from "./rebuild.ts"
import { status } from "./status.ts"

export const projections = Command.make("projections").pipe(
  Command.withDescription(
    "Look after the read models, on the database that DATABASE_URL names or that SPILLWAY_DATA_DIR holds"
  ),
  Command.withSubcommands([status, rebuild, check])
)
