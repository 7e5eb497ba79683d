/** What `vitestGlobalSetup` hands to the test workers, through vitest's `provide` and `inject`. */
export const postgresUrl = "spillwayPostgresUrl"

declare module "vitest" {
  interface ProvidedContext {
    readonly [postgresUrl]: string
  }
}
