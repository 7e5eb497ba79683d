import type { ClientEvent } from "../Envelope.ts"
import type { ViewDraft } from "./draft.ts"

type MessageEvent = Extract<
  ClientEvent,
  {
    readonly type:
      | "thread.message-opened"
      | "thread.message-segment-appended"
      | "thread.message-closed"
      | "thread.tool-call-opened"
      | "thread.tool-call-output-appended"
      | "thread.tool-call-closed"
  }
>

/** What the assistant writes and calls. An event goes to the message that it names, wherever that stands. */
export const foldMessageEvent = (draft: ViewDraft, event: MessageEvent): void => {
  if (event.type === "thread.message-opened") {
    const turn = draft.turn(event.data.turnId)
    if (turn === undefined) return
    return draft.push(turn, "messages", {
      messageId: event.data.messageId,
      turnId: event.data.turnId,
      stepId: event.data.stepId,
      role: "assistant",
      status: "open",
      actor: event.actor,
      runtime: event.data.runtime,
      model: event.data.model,
      parts: [],
      error: null,
      openedAt: event.at,
      openedAtVersion: event.version,
      closedAt: null
    })
  }
  const message = draft.message(event.data.turnId, event.data.messageId)
  if (message === undefined) return
  switch (event.type) {
    case "thread.message-segment-appended": {
      const { kind, partId, text } = event.data
      const part = draft.part(message, (part) => part.partId === partId)
      if (part === undefined) draft.addPart(message, { type: kind, partId, text })
      else if (part.type !== "tool-call") part.text += text
      return
    }
    case "thread.message-closed":
      message.status = event.data.status
      message.error = event.data.error
      message.closedAt = event.at
      return
    case "thread.tool-call-opened": {
      const { input, inputTruncated, name, partId, providerExecuted, toolCallId } = event.data
      return draft.addPart(message, {
        type: "tool-call",
        partId,
        toolCallId,
        name,
        input,
        inputTruncated,
        providerExecuted,
        status: "open",
        output: "",
        outputTruncated: false,
        result: null,
        resultTruncated: false,
        error: null,
        closedAtVersion: null
      })
    }
    case "thread.tool-call-output-appended": {
      const call = draft.toolCall(message, event.data.toolCallId)
      if (call === undefined) return
      call.output += event.data.text
      call.outputTruncated = call.outputTruncated || event.data.truncated
      return
    }
    case "thread.tool-call-closed": {
      const call = draft.toolCall(message, event.data.toolCallId)
      if (call === undefined) return
      call.status = event.data.status
      call.result = event.data.result
      call.resultTruncated = event.data.resultTruncated
      call.error = event.data.error
      call.closedAtVersion = event.version
      return
    }
  }
}
