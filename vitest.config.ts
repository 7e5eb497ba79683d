import { existsSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** Starts one embedded Postgres for the whole run; each test file makes its own database in it. */
const sharedPostgres = "packages/embedded-postgres/src/testing/vitestGlobalSetup.ts"

/** Workspace packages run from their sources, in tests as under `npm start`. */
const conditions = ["@spillway/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "{recordings,benchmarks,scripts}/**/*.test.ts"],
    globalSetup: existsSync(sharedPostgres) ? [sharedPostgres] : [],
    pool: "forks",
    maxWorkers: 2,
    allowOnly: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000
  }
})
