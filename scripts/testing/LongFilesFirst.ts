/**
 * The order of a run's files: the long ones first, so that no worker is still at one when the others have nothing left to do. Vitest puts
 * them so by itself where it has seen them before; on a new machine it knows their sizes only.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Over five seconds each, those that mostly wait for processes among those that compute. */
const long: ReadonlyArray<string> = [
  "apps/server/src/killed.test.ts",
  "packages/client/src/cuts.test.ts",
  "apps/server/src/outage.test.ts",
  "apps/server/src/commands/spillway.test.ts",
  "packages/embedded-postgres/src/crash.test.ts",
  "apps/server/src/serve.test.ts",
  "benchmarks/src/fuzz/fuzz.test.ts",
  "packages/spillway/src/embedding/close.test.ts",
  "apps/server/src/remoteKilled.test.ts",
  "recordings/src/runRecordings.test.ts",
  "packages/orchestration/src/subscriptions/anyCrash.test.ts",
  "faults/src/directed/breaks.test.ts",
  "packages/embedded-postgres/src/identity.test.ts",
  "packages/orchestration/src/projections/rebuild/rebuild.test.ts",
  "packages/runtime-ingestion/src/recordedAgents.test.ts",
  "apps/server/src/commands/projections/projections.test.ts",
  "packages/embedded-postgres/src/EmbeddedPostgres.test.ts",
  "packages/runtime-ingestion/src/turn/anyCrash.test.ts",
  "recordings/src/main.test.ts",
  "packages/orchestration/src/postgres/outage.test.ts",
  "packages/spillway/src/doors/sameEvents.test.ts",
  "packages/orchestration/src/postgres/PostgresEventLog.test.ts",
  "packages/spillway/src/readme.test.ts"
]

const place = ({ moduleId }: TestSpecification): number => {
  const at = long.findIndex((file) => moduleId.endsWith(`/${file}`))
  return at === -1 ? long.length : at
}

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}
