import type { EvolveTable } from "../Decision.ts"
import { changeOpenMessage } from "../message/evolveMessage.ts"
import { lookup, put, without } from "../record.ts"

export const evolveToolCall: EvolveTable<
  "thread.tool-call-opened" | "thread.tool-call-output-appended" | "thread.tool-call-closed"
> = {
  "thread.tool-call-opened": (state, { messageId, partId, stepId, toolCallId }) => {
    const active =
      changeOpenMessage(state, messageId, (message) => ({
        ...message,
        parts: put(message.parts, partId, { kind: "tool-call", length: 0 }),
        hasContent: true
      })).active ?? state.active
    return active === null
      ? {}
      : {
          active: {
            ...active,
            openToolCalls: put(active.openToolCalls, toolCallId, {
              toolCallId,
              messageId,
              stepId,
              outputLength: 0
            })
          }
        }
  },
  "thread.tool-call-output-appended": (state, { text, toolCallId }) => {
    const call = state.active === null ? undefined : lookup(state.active.openToolCalls, toolCallId)
    return state.active === null || call === undefined
      ? {}
      : {
          active: {
            ...state.active,
            openToolCalls: put(state.active.openToolCalls, toolCallId, {
              ...call,
              outputLength: call.outputLength + text.length
            })
          }
        }
  },
  "thread.tool-call-closed": (state, { toolCallId }) =>
    state.active === null
      ? {}
      : {
          active: { ...state.active, openToolCalls: without(state.active.openToolCalls, toolCallId) },
          closedToolCalls: put(state.closedToolCalls, toolCallId, true)
        }
}
