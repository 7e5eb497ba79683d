/** Provider runtimes: scripted transcripts, and any model of the AI SDK. */
export type { Beat, Line, Pace, Scene, Script, ScriptedCall, ScriptStep } from "./scripted/Script.ts"
export { ScriptOptions } from "./scripted/ScriptOptions.ts"
export { scripts } from "./scripted/scripts/index.ts"
export { streamedText } from "./scripted/scripts/stream.ts"
export { ScriptedRuntime } from "./scripted/ScriptedRuntime.ts"
