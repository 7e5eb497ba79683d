import { defineConfig } from "vitest/config"
import { LongFilesFirst } from "./scripts/testing/LongFilesFirst.ts"

/** Workspace packages run from their sources, in tests as under `npm start`. */
const conditions = ["@spillway/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "{packages,apps}/*/src/**/*.test.ts",
      "{recordings,benchmarks,faults,operations,scripts}/**/*.test.ts"
    ],
    globalSetup: [
      "scripts/testing/temporaryFiles.ts",
      // One embedded Postgres for the whole run; each test file makes its own database in it.
      "packages/embedded-postgres/src/testing/vitestGlobalSetup.ts",
      // E9: what they leave in it is checked.
      "scripts/testing/leftDatabases.ts"
    ],
    pool: "forks",
    // One more than a small machine has cores: some tests wait, for processes that they start.
    maxWorkers: 3,
    sequence: { sequencer: LongFilesFirst },
    // The files of a worker share its modules, which take longer to load than most files to run. A test that changes what is
    // global (a spy, a stub) undoes it.
    isolate: false,
    // A test marked `only` would leave the others out, also on a developer's machine.
    allowOnly: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000
  }
})
