/**
 * A database of its own for a test or a file of tests, on the Postgres that `vitestGlobalSetup` started. It is empty at
 * first and gone with the scope, also while connections to it are open: dropped, or left to whoever checks what tests leave behind.
 */
import { PgClient, PgConnection } from "@effect/sql-pg"
import { Context, Effect, Layer, Redacted, Schedule, type Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { randomBytes } from "node:crypto"
import { expect, inject } from "vitest"
import { damagedComment, keepsDatabases, leftChannel, leftName, postgresUrl } from "./provided.ts"

type Run = (...statements: ReadonlyArray<string>) => Effect.Effect<void, SqlError>

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Which test it is for, as far as that is known: a layer is built before a file's first test. */
const testName = (): string => {
  const { currentTestName, testPath } = expect.getState()
  const path = testPath?.replace(`${process.cwd()}/`, "") ?? "a test"
  return currentTestName === undefined ? path : `${path} > ${currentTestName}`
}

const drop = (name: string, run: Run) => run(`drop database if exists ${name} with (force)`)

/** Nobody finds it by its name any more, as if it were dropped. */
const leave = (name: string, run: Run) =>
  run(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    `alter database ${name} rename to ${leftName(name)}`,
    `notify ${leftChannel}`
    // Somebody may have come back in between.
  ).pipe(
    Effect.retry({ times: 20, schedule: Schedule.spaced("10 millis") }),
    Effect.catchTag("SqlError", () => drop(name, run))
  )

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
    const run = (...statements: ReadonlyArray<string>) =>
      PgConnection.make({ url: Redacted.make(server) }).pipe(
        Effect.flatMap((connection) =>
          Effect.forEach(statements, (statement) => connection.query(statement), { discard: true })
        ),
        Effect.scoped
      )
    yield* Effect.acquireRelease(
      Effect.orDie(
        run(
          `create database ${name} template ${options.template ?? "template0"} strategy file_copy`,
          `comment on database ${name} is ${literal(testName())}`
        )
      ),
      () => Effect.orDie(inject(keepsDatabases) ? leave(name, run) : drop(name, run))
    )
    const url = new URL(server)
    url.pathname = `/${name}`
    return TestDatabase.of({ name, url: Redacted.make(url.href) })
  })

  /** Says that the test breaks what its database holds on purpose: what it leaves behind is not held against it. */
  static readonly damaged = Effect.fn("TestDatabase.damaged")(function* (why: string) {
    const { name, url } = yield* TestDatabase
    yield* PgConnection.make({ url }).pipe(
      Effect.flatMap((connection) =>
        connection.query(`comment on database ${name} is ${literal(`${damagedComment}${why}`)}`)
      ),
      Effect.scoped,
      Effect.orDie
    )
  })

  static readonly layer = Layer.effect(TestDatabase, TestDatabase.make())

  /** A client of a fresh database: everything that most tests need. */
  static readonly layerClient = Layer.unwrap(
    Effect.map(TestDatabase, ({ url }) => PgClient.layer({ url }))
  ).pipe(Layer.provideMerge(TestDatabase.layer))
}
