/** The suite, in the order in which it runs. A case is a file beside this one that ends in a `BenchmarkCase`, and a line here. */
import type { BenchmarkCase } from "../runner/BenchmarkCase.ts"
import { append32 } from "./append32.ts"
import { ingest } from "./ingest.ts"
import { rebuild } from "./rebuild.ts"
import { silentSockets500 } from "./silentSockets.ts"

export const cases: ReadonlyArray<BenchmarkCase> = [append32, ingest, rebuild, silentSockets500]
