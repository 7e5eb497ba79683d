import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Layer } from "effect"
import { eventLogSuite } from "../testing/eventLogSuite.ts"
import * as Postgres from "./Postgres.ts"

const process = Layer.unwrap(Effect.map(TestDatabase, ({ url }) => Postgres.layer({ url })))

eventLogSuite("Postgres", { store: TestDatabase.layer, process })
