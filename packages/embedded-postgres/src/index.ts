export { EmbeddedPostgres, type Connection, type Options } from "./EmbeddedPostgres.ts"
export * from "./StartError.ts"
