import { defineConfig } from "vitest/config"

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
    // One embedded Postgres for the whole run; each test file makes its own database in it.
    globalSetup: ["packages/embedded-postgres/src/testing/vitestGlobalSetup.ts"],
    pool: "forks",
    maxWorkers: 2,
    // A test marked `only` would leave the others out, also on a developer's machine.
    allowOnly: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000
  }
})
