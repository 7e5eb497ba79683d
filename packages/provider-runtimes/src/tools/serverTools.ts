import { calculator } from "./calculator.ts"
import { currentTime } from "./currentTime.ts"
import { saveNote } from "./saveNote.ts"
import type { AnyTool } from "./Tool.ts"

/** The tools that a server gives its models: harmless, and enough to see tools and approvals at work. */
export const serverTools = (): ReadonlyArray<AnyTool> => [currentTime(), calculator, saveNote()]
