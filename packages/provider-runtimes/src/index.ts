/** Provider runtimes: scripted transcripts, and any model of the AI SDK. */
export { AiSdkOptions } from "./ai-sdk/AiSdkOptions.ts"
export { AiSdkRuntime, type AiSdkRuntimeOptions } from "./ai-sdk/AiSdkRuntime.ts"
export {
  type Environment,
  type ModelRegistry,
  modelRegistry,
  ModelSettingsInvalid
} from "./ai-sdk/ModelRegistry.ts"
export type { AiSdkModel } from "./ai-sdk/sdkTypes.ts"
export type { Beat, Line, Pace, Scene, Script, ScriptedCall, ScriptStep } from "./scripted/Script.ts"
export { ScriptedRuntime } from "./scripted/ScriptedRuntime.ts"
export { ScriptOptions } from "./scripted/ScriptOptions.ts"
export { scripts } from "./scripted/scripts/index.ts"
export { streamedText } from "./scripted/scripts/stream.ts"
export { asJson } from "./json.ts"
export { inputSchema } from "./tools/inputSchema.ts"
export { serverTools } from "./tools/serverTools.ts"
export type { AnyTool, Tool, ToolCallContext, ToolOutput } from "./tools/Tool.ts"
export { RemoteHosts, type SessionAddress } from "./remote/RemoteHosts.ts"
export type { RemoteSession, Taken } from "./remote/RemoteSession.ts"
export { RemoteSettings, type RemoteSettingsValue } from "./remote/RemoteSettings.ts"
export type { RuntimeHost } from "./remote/RuntimeHost.ts"
