/**
 * Decides what a command does to a thread. A refusal is a value that says what its sender can do. The same state and command
 * always give the same answer.
 */
import { decideActivity } from "./activity/decideActivity.ts"
import type { Decide, DecideTable, ThreadCommandType } from "./Decision.ts"
import { decideLifecycle } from "./lifecycle/decideLifecycle.ts"
import { decideMessage } from "./message/decideMessage.ts"
import { decideRequest } from "./request/decideRequest.ts"
import { decideSession } from "./session/decideSession.ts"
import { decideStep } from "./step/decideStep.ts"
import { decideToolCall } from "./tool-call/decideToolCall.ts"
import { decideTurn } from "./turn/decideTurn.ts"

const table: DecideTable<ThreadCommandType> = {
  ...decideLifecycle,
  ...decideTurn,
  ...decideSession,
  ...decideStep,
  ...decideMessage,
  ...decideToolCall,
  ...decideRequest,
  ...decideActivity
}

export const decide: Decide = (state, command) => (table[command.type] as Decide)(state, command)
