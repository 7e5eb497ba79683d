/** Runs a server's turns in a process of one's own. */
export {
  type ApprovalQuestion,
  type ApprovalResponse,
  type Ask,
  finishStep,
  type InputQuestion,
  type InputResponse,
  notice,
  reasoning,
  type RuntimeOutput,
  type RuntimeStep,
  type RuntimeTurn,
  type StepFinish,
  text,
  toolCall,
  toolDenied,
  toolError,
  toolInput,
  toolOutput,
  toolResult
} from "@spillway/contracts/generator-runtime"
export { connectRuntime } from "./runtime/connectRuntime.ts"
export type {
  ConnectedRuntime,
  ConnectRuntimeOptions,
  HostedRuntime,
  HostStatus
} from "./runtime/HostOptions.ts"
