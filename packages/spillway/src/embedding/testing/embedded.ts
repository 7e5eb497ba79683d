/** A Spillway on a database of the test's own, as a service would have it; closed with the test. */
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted } from "effect"
import { createSpillway } from "../../createSpillway.ts"
import { scripted } from "../runtimes/builtIn.ts"
import type { Spillway } from "../Spillway.ts"
import type { SpillwayOptions } from "../SpillwayOptions.ts"

export const embedded = (
  body: (spillway: Spillway, database: string) => Promise<void>,
  options: Partial<SpillwayOptions> = {}
) =>
  Effect.gen(function* () {
    const { url } = yield* TestDatabase.make()
    const database = Redacted.value(url)
    const spillway = yield* Effect.acquireRelease(
      Effect.promise(() =>
        createSpillway({ database, runtimes: [scripted()], logLevel: "none", ...options })
      ),
      (spillway) => Effect.promise(() => spillway.close())
    )
    yield* Effect.promise(() => body(spillway, database))
  }).pipe(Effect.scoped)

/** The first item that fits, and no further. */
export const firstOf = async <A>(items: AsyncIterable<A>, fits: (item: A) => boolean): Promise<A> => {
  for await (const item of items) if (fits(item)) return item
  throw new Error("it ended before it had what was looked for")
}

export const all = async <A>(items: AsyncIterable<A>): Promise<Array<A>> => {
  const found: Array<A> = []
  for await (const item of items) found.push(item)
  return found
}

/** What a promise is rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("it was not rejected")
    },
    (error: unknown) => error
  )
