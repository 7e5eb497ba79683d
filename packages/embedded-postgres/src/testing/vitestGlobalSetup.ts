/**
 * One Postgres for a whole run of vitest; name this file in `globalSetup`. It lies in a temporary directory and leaves
 * nothing behind. `SPILLWAY_TEST_DATABASE_URL` puts a server of your own in its place (a role that may create
 * databases), which shows that the tests pass on another version.
 */
import { Effect, Exit, Redacted, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { EmbeddedPostgres } from "../EmbeddedPostgres.ts"
import { postgresUrl } from "./provided.ts"

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.SPILLWAY_TEST_DATABASE_URL
  const scope = Scope.makeUnsafe()
  const url =
    external ??
    (await Effect.runPromise(
      EmbeddedPostgres.startTemporary({ durable: false }).pipe(
        Effect.map((server) => Redacted.value(server.url)),
        Scope.provide(scope)
      )
    ))
  project.provide(postgresUrl, url)
  return () => Effect.runPromise(Scope.close(scope, Exit.void))
}
