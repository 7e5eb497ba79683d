/** Folds what happened to a thread into what deciding needs to know of it. */
import type { ThreadEvent, ThreadEventType } from "@spillway/contracts"
import { evolveActivity } from "./activity/evolveActivity.ts"
import type { Evolve, EvolveTable } from "./Decision.ts"
import { evolveLifecycle } from "./lifecycle/evolveLifecycle.ts"
import { evolveMessage } from "./message/evolveMessage.ts"
import { evolveRequest } from "./request/evolveRequest.ts"
import { evolveSession } from "./session/evolveSession.ts"
import { evolveStep } from "./step/evolveStep.ts"
import type { ThreadState } from "./ThreadState.ts"
import { evolveToolCall } from "./tool-call/evolveToolCall.ts"
import { evolveTurn } from "./turn/evolveTurn.ts"

const table: EvolveTable<ThreadEventType> = {
  ...evolveLifecycle,
  ...evolveTurn,
  ...evolveSession,
  ...evolveStep,
  ...evolveMessage,
  ...evolveToolCall,
  ...evolveRequest,
  ...evolveActivity
}

/** Never throws, and never changes the state it is given. Appending text costs the same however long the thread is. */
export const evolve: Evolve = (state, event) => {
  const change = table[event.type] as (state: ThreadState, data: ThreadEvent["data"]) => Partial<ThreadState>
  return { ...state, ...change(state, event.data), version: state.version + 1 }
}
