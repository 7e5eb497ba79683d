/** What `vitestGlobalSetup` hands to the test workers, through vitest's `provide` and `inject`. */
export const postgresUrl = "spillwayPostgresUrl"

/** Set where somebody looks at what tests leave in their databases, and drops them. */
export const keepsDatabases = "spillwayKeepsDatabases"

/** What a database is called once its test is over: `left_…` for `test_…`. */
export const leftName = (name: string): string => name.replace(/^test_/, "left_")

/** Where it is told that there is one more. */
export const leftChannel = "test_database_left"

/** How a database's comment begins whose test breaks it on purpose. */
export const damagedComment = "damaged: "

declare module "vitest" {
  interface ProvidedContext {
    readonly [postgresUrl]: string
    readonly [keepsDatabases]: boolean
  }
}
