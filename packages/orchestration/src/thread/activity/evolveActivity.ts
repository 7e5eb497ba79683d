import type { EvolveTable } from "../Decision.ts"

/** Kept, and changes nothing. */
export const evolveActivity: EvolveTable<"thread.activity-recorded"> = {
  "thread.activity-recorded": () => ({})
}
