/** A runtime of one's own, as one async generator. */
import type { RuntimeDefinition } from "@spillway/contracts/generator-runtime"
import { generatorRuntime } from "./generatorRuntime.ts"
import type { Runtime } from "./Runtime.ts"

export const defineRuntime = (definition: RuntimeDefinition): Runtime => generatorRuntime(definition)
