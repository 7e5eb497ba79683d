import { reject, type ThreadEvent } from "@spillway/contracts"
import { Result } from "effect"
import { consecutive } from "../bounded.ts"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { lookup } from "../record.ts"
import { requireOpenStep } from "../step/requireStep.ts"
import { requireNewMessage } from "../turn/requireTurn.ts"
import { messageClosed } from "./closeMessage.ts"
import { requireOpenMessage } from "./requireMessage.ts"

const open: Decide<CommandOf<"thread.message.open">> = (state, { messageId, model, runtime, stepId }) =>
  Result.gen(function* () {
    const active = yield* requireOpenStep(state, stepId)
    if (lookup(active.openMessages, messageId) !== undefined) {
      return yield* Result.fail(
        reject("MessageAlreadyOpen", `Message ${messageId} is open already. Append to it, or close it.`)
      )
    }
    yield* requireNewMessage(state, messageId)
    return [
      { type: "thread.message-opened", data: { messageId, turnId: active.turnId, stepId, runtime, model } }
    ]
  })

/** The offset must be the part's length, so that text can't repeat, skip or move. */
const append: Decide<CommandOf<"thread.message.append">> = (
  state,
  { kind, messageId, offset, partId, text }
) =>
  Result.gen(function* () {
    const { active, message } = yield* requireOpenMessage(state, messageId)
    const part = lookup(message.parts, partId)
    if (part !== undefined && part.kind !== kind) {
      return yield* Result.fail(
        reject(
          "PartMismatch",
          `Part ${partId} of message ${messageId} is ${part.kind}, not ${kind}. Use another part id.`
        )
      )
    }
    const length = part?.length ?? 0
    if (offset !== length) {
      return yield* Result.fail(
        reject(
          "OffsetMismatch",
          `Part ${partId} of message ${messageId} holds ${length} code units, so text can't go at ${offset}. Append at ${length}.`
        )
      )
    }
    const address = { messageId, turnId: active.turnId, stepId: message.stepId, partId, kind }
    return consecutive(text, offset).map((segment): ThreadEvent => ({
      type: "thread.message-segment-appended",
      data: { ...address, ...segment }
    }))
  })

const close: Decide<CommandOf<"thread.message.close">> = (state, { error, messageId, status }) =>
  Result.map(requireOpenMessage(state, messageId), ({ active, message }) => [
    messageClosed(active.turnId, message, status, error)
  ])

export const decideMessage: DecideTable<
  "thread.message.open" | "thread.message.append" | "thread.message.close"
> = {
  "thread.message.open": open,
  "thread.message.append": append,
  "thread.message.close": close
}
