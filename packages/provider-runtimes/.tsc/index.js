/** Provider runtimes: scripted transcripts, and any model of the AI SDK. */
export { AiSdkOptions } from "./ai-sdk/AiSdkOptions.js";
export { AiSdkRuntime } from "./ai-sdk/AiSdkRuntime.js";
export { modelRegistry, ModelSettingsInvalid } from "./ai-sdk/ModelRegistry.js";
export { ScriptedRuntime } from "./scripted/ScriptedRuntime.js";
export { ScriptOptions } from "./scripted/ScriptOptions.js";
export { scripts } from "./scripted/scripts/index.js";
export { streamedText } from "./scripted/scripts/stream.js";
export { inputSchema } from "./tools/inputSchema.js";
export { serverTools } from "./tools/serverTools.js";
//# sourceMappingURL=index.js.map