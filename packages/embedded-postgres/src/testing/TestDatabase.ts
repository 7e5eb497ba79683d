/**
 * A database of its own for a test or a file of tests, on the Postgres that `vitestGlobalSetup` started. It is empty at
 * first and dropped with the scope, also while connections to it are open.
 */
import { PgClient, PgConnection } from "@effect/sql-pg"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import { postgresUrl } from "./provided.ts"

export class TestDatabase extends Context.Service<
  TestDatabase,
  {
    readonly name: string
    /** For `PgClient.layer({ url })`; its value suits any other client and `DATABASE_URL` too. */
    readonly url: Redacted.Redacted
  }
>()("@spillway/embedded-postgres/testing/TestDatabase") {
  /** `template` names a database to copy, say one that is migrated already; nobody may be connected to it then. */
  static readonly make = Effect.fn("TestDatabase.make")(function* (
    options: { readonly template?: string } = {}
  ): Effect.fn.Return<TestDatabase["Service"], never, Scope.Scope> {
    const server = inject(postgresUrl)
    if (server === undefined) {
      return yield* Effect.die(
        "name @spillway/embedded-postgres/testing/vitestGlobalSetup in vitest's globalSetup"
      )
    }
    const name = `test_${randomBytes(8).toString("hex")}`
    const run = (statement: string) =>
      PgConnection.make({ url: Redacted.make(server) }).pipe(
        Effect.flatMap((connection) => connection.query(statement)),
        Effect.scoped,
        Effect.orDie
      )
    yield* Effect.acquireRelease(
      run(`create database ${name} template ${options.template ?? "template0"}`),
      () => run(`drop database if exists ${name} with (force)`)
    )
    const url = new URL(server)
    url.pathname = `/${name}`
    return TestDatabase.of({ name, url: Redacted.make(url.href) })
  })

  static readonly layer = Layer.effect(TestDatabase, TestDatabase.make())

  /** A client of a fresh database: everything that most tests need. */
  static readonly layerClient = Layer.unwrap(
    Effect.map(TestDatabase, ({ url }) => PgClient.layer({ url }))
  ).pipe(Layer.provideMerge(TestDatabase.layer))
}
