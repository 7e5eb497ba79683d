/** What a view of a thread says, in the words in which the oracle says it. */
import type { StepView, ThreadView, TurnView } from "@spillway/contracts"
import type { ObservedConversation, ObservedStep, ObservedTurn } from "./ObservedConversation.ts"

export const observeThread = (id: string, view: ThreadView): ObservedConversation => ({
  id,
  turns: view.turns.map(observeTurn)
})

const observeTurn = (turn: TurnView): ObservedTurn => ({
  steps: turn.steps.map((step) => observeStep(turn, step)),
  failed: turn.status !== "completed"
})

const observeStep = (turn: TurnView, { finishReason, stepId, usage }: StepView): ObservedStep => {
  const parts = turn.messages.flatMap((message) => (message.stepId === stepId ? message.parts : []))
  const joined = (kind: "text" | "reasoning") =>
    parts.map((part) => (part.type === kind ? part.text : "")).join("")
  return {
    text: joined("text"),
    reasoning: joined("reasoning"),
    toolCalls: parts.flatMap((part) =>
      part.type === "tool-call"
        ? [
            {
              name: part.name,
              input: part.input,
              ...(part.inputTruncated && { inputTruncated: true }),
              completed: part.status === "completed"
            }
          ]
        : []
    ),
    usage,
    ...(finishReason !== null && { finishReason })
  }
}
