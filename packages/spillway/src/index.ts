/** Spillway for services that embed it: promises and AsyncIterables, and nothing of Effect. */
export type {
  ClientEvent,
  DeliveryMode,
  HistoryMessage,
  LoggedEvent,
  MessageView,
  Receipt,
  RequestResponse,
  RequestView,
  RuntimeChoice,
  SearchHit,
  ThreadEventType,
  ThreadSummary,
  ThreadView,
  TurnView
} from "@spillway/contracts"
export { timeline } from "@spillway/contracts"
export type { Script, Tool } from "@spillway/provider-runtimes"
export { createSpillway } from "./createSpillway.ts"
export type { LogEntry, SpillwayLogLevel } from "./embedding/LogEntry.ts"
export { aiSdk, type AiSdkOptions, scripted } from "./embedding/runtimes/builtIn.ts"
export type {
  ApprovalQuestion,
  ApprovalResponse,
  Ask,
  InputQuestion,
  InputResponse,
  RuntimeDefinition,
  RuntimeOutput,
  RuntimeStep,
  RuntimeTurn,
  StepFinish
} from "@spillway/contracts/generator-runtime"
export {
  finishStep,
  notice,
  reasoning,
  text,
  toolCall,
  toolDenied,
  toolError,
  toolInput,
  toolOutput,
  toolResult
} from "@spillway/contracts/generator-runtime"
export type * from "./embedding/projections/Projections.ts"
export { defineRuntime } from "./embedding/runtimes/defineRuntime.ts"
export type { Runtime } from "./embedding/runtimes/Runtime.ts"
export type { Spillway } from "./embedding/Spillway.ts"
export {
  type AcceptedReceipt,
  CommandRejected,
  SpillwayError,
  TurnFailed,
  TurnInterrupted
} from "./embedding/SpillwayError.ts"
export type { Redactor, SpillwayOptions, TextLimits } from "./embedding/SpillwayOptions.ts"
export type * from "./embedding/subscriptions/Subscription.ts"
export type * from "./embedding/Threads.ts"
export { VERSION } from "./version.ts"
