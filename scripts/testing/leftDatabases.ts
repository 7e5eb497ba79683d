/**
 * Has the read models of every database that a test leaves behind compared with its log, in a process of its own, and makes the run
 * fail where they differ. For vitest's `globalSetup`, behind the one that starts Postgres.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

/** As `packages/embedded-postgres/src/testing/provided.ts` names them. */
declare module "vitest" {
  interface ProvidedContext {
    readonly spillwayPostgresUrl: string
    readonly spillwayKeepsDatabases: boolean
  }
}

const program = fileURLToPath(
  new URL("../../packages/orchestration/src/testing/checkLeftDatabases.ts", import.meta.url)
)

export default function setup(project: TestProject): () => Promise<void> {
  const child = spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", program], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, SPILLWAY_LEFT_DATABASES: project.getProvidedContext().spillwayPostgresUrl }
  })
  const ended = once(child, "close")
  project.provide("spillwayKeepsDatabases", true)
  return async () => {
    child.stdin.end()
    const [code] = (await ended) as [number | null]
    // Not thrown: what was started before this is to be stopped as well.
    if (code !== 0) process.exitCode = 1
  }
}
