import { checkProjections, projectionsStatus, rebuildProjections } from "@spillway/orchestration"
import { VERSION } from "../../version.ts"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import type { Projections } from "./Projections.ts"

export const makeProjections = (process: EmbeddedProcess): Projections => {
  /** Closing ends it as well. */
  const until = (signal: AbortSignal | undefined) =>
    signal === undefined ? process.closing : AbortSignal.any([signal, process.closing])
  return {
    status: () => process.run(projectionsStatus),
    rebuild: ({ names, signal, ...options } = {}) =>
      process.run(rebuildProjections(names, { ...options, build: `spillway ${VERSION}` }), until(signal)),
    check: ({ signal, ...options } = {}) => process.run(checkProjections(options), until(signal))
  }
}
