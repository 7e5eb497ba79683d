import type { MessageId } from "@spillway/contracts"
import type { EvolveTable } from "../Decision.ts"
import { lookup, put, without } from "../record.ts"
import type { OpenMessage, ThreadState } from "../ThreadState.ts"

/** Changes an open message of the active turn. Costs no more than the message has parts. */
export const changeOpenMessage = (
  state: ThreadState,
  messageId: MessageId,
  change: (message: OpenMessage) => OpenMessage
): Partial<ThreadState> => {
  const message = state.active === null ? undefined : lookup(state.active.openMessages, messageId)
  return state.active === null || message === undefined
    ? {}
    : {
        active: { ...state.active, openMessages: put(state.active.openMessages, messageId, change(message)) }
      }
}

export const evolveMessage: EvolveTable<
  "thread.message-opened" | "thread.message-segment-appended" | "thread.message-closed"
> = {
  "thread.message-opened": (state, { messageId, stepId }) => ({
    messages: put(state.messages, messageId, true),
    ...(state.active !== null && {
      active: {
        ...state.active,
        openMessages: put(state.active.openMessages, messageId, {
          messageId,
          stepId,
          parts: {},
          hasContent: false
        })
      }
    })
  }),
  "thread.message-segment-appended": (state, { kind, messageId, partId, text }) =>
    changeOpenMessage(state, messageId, (message) => ({
      ...message,
      parts: put(message.parts, partId, {
        kind,
        length: (lookup(message.parts, partId)?.length ?? 0) + text.length
      }),
      hasContent: message.hasContent || /\S/.test(text)
    })),
  "thread.message-closed": (state, { messageId }) =>
    state.active === null
      ? {}
      : { active: { ...state.active, openMessages: without(state.active.openMessages, messageId) } }
}
