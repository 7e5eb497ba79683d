/** Where an iteration over events begins and ends. */
import { SpillwayError } from "./SpillwayError.ts"

export interface From {
  readonly after: number
  /** `false`: it ends at the last event there is. */
  readonly follow: boolean
}

export const cursorInvalid = (has: string, after: number) =>
  new SpillwayError(
    "cursor-invalid",
    `${has} and \`after\` says ${after}: what you hold is of another log. Begin again from 0.`
  )
