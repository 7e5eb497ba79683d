/**
 * Random histories of a thread, as `decide` lets them happen. A history is a list of rolls; each picks one of the commands
 * that make sense at its point, so that shrinking the list gives a shorter history.
 */
import { type MessageId, PartId, stepIdOf, type ThreadEvent, TurnId } from "@spillway/contracts"
import { Result } from "effect"
import fc from "fast-check"
import { decide } from "../thread/decide.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import { evolve } from "../thread/evolve.ts"
import type { ActiveTurn, ThreadState } from "../thread/ThreadState.ts"
import * as c from "./commands.ts"

export interface Roll {
  readonly pick: number
  readonly text: string
}

const texts = [
  "hello ",
  " ",
  "\n\n",
  "null",
  "[]",
  '{"a":1}',
  "𝄞 and é",
  'a "quote" \\ and {braces}, NULL',
  "x".repeat(300)
]

export const arbitraryRolls = (length: number): fc.Arbitrary<ReadonlyArray<Roll>> =>
  fc.array(fc.record({ pick: fc.nat(9_999), text: fc.constantFrom(...texts) }), {
    minLength: length,
    maxLength: length
  })

/** The events that a roll leads to; none where its command is refused. `id` is new with each roll of the thread. */
export const eventsOfRoll = (state: ThreadState, roll: Roll, id: string): ReadonlyArray<ThreadEvent> => {
  // Remarks about turns that ended long ago come from no command, and are legal events all the same.
  const late = lateRemarks(state, roll)
  if (roll.pick % 23 === 0 && late.length > 0) return [pickOf(late, roll)]
  const decision = decide(state, pickOf(candidates(state, roll, id), roll))
  return Result.isSuccess(decision) ? decision.success : []
}

/** The state after events. */
export const evolved = (state: ThreadState, events: ReadonlyArray<ThreadEvent>): ThreadState =>
  events.reduce(evolve, state)

const pickOf = <A>(from: ReadonlyArray<A>, { pick }: Roll): A => from[pick % from.length]!

const lateRemarks = (state: ThreadState, { text }: Roll): ReadonlyArray<ThreadEvent> => {
  const turns = Object.keys(state.turns).map((turnId) => TurnId.make(turnId))
  const messages = Object.keys(state.messages) as Array<MessageId>
  return turns.flatMap((turnId, i): ReadonlyArray<ThreadEvent> => [
    {
      type: "thread.activity-recorded",
      data: { turnId, activity: { type: "notice", level: "warning", text } }
    },
    {
      type: "thread.activity-recorded",
      data: {
        turnId,
        activity: { type: "message-metadata", messageId: messages[i % messages.length]!, model: `late ${i}` }
      }
    }
  ])
}

const candidates = (state: ThreadState, roll: Roll, id: string): ReadonlyArray<ThreadCommand> => {
  const { text } = roll
  if (state.status === "absent")
    return [c.create({ title: text.slice(0, 100), metadata: { text, [text]: [null, 1.5] } }), c.create()]
  // A turn that is under way goes on most of the time, or little would ever happen in one.
  if (state.active !== null && roll.pick % 4 > 0) return ofActiveTurn(state, state.active, roll, id)
  const turns = Object.entries(state.turns)
  const retryable = turns.filter(([, turn]) => turn.status === "failed" || turn.status === "interrupted")
  return [
    c.start(id, { text, choice: { model: "m", options: { temperature: 0.5 } } }),
    c.start(id, { text, assistantDeliveryMode: "streaming", ifBusy: "interrupt" }),
    c.start(id, { text, role: "system", ifBusy: "steer" }),
    c.update({ title: id }),
    c.update({ metadata: { [id]: text } }),
    c.archive,
    c.unarchive,
    c.unarchive,
    ...(roll.pick > 9_900 ? [c.remove] : []),
    ...retryable.slice(-3).flatMap(([turnId]) => [c.retry(turnId, id), c.retry(turnId, id)]),
    ...state.queue.slice(-1).map((turnId) => c.interrupt(turnId)),
    ...(state.active === null ? [] : endsOf(state, state.active, roll))
  ]
}

const ofActiveTurn = (
  state: ThreadState,
  active: ActiveTurn,
  { text }: Roll,
  id: string
): ReadonlyArray<ThreadCommand> => {
  const { turnId } = active
  const claims =
    active.session === null
      ? Array.from({ length: 4 }, () => c.claim(turnId, { generation: state.generation + 1 }))
      : []
  const steps =
    active.openStep === null
      ? Array.from({ length: 3 }, () =>
          c.openStep(
            turnId,
            active.nextStepIndex,
            active.steering.map(({ messageId }) => messageId)
          )
        )
      : ofOpenStep(active.openStep, id)
  return [
    ...claims,
    ...steps,
    ...Object.values(active.openMessages).flatMap(({ messageId, parts }): ReadonlyArray<ThreadCommand> => [
      ...Object.entries(parts).flatMap(([partId, { kind, length }]) =>
        kind === "tool-call"
          ? []
          : [c.append(messageId, text, { partId: PartId.make(partId), kind, offset: length })]
      ),
      c.append(messageId, text, { partId: PartId.make(`text-${id}`) }),
      c.append(messageId, text, { partId: PartId.make(`thought-${id}`), kind: "reasoning" }),
      c.call(messageId, id, { input: { text }, partId: PartId.make(`call-${id}`) }),
      c.call(messageId, id, { input: null, partId: PartId.make(`call-${id}`), providerExecuted: true }),
      c.closeMessage(messageId),
      c.closeMessage(messageId, {
        status: "error",
        error: { code: "Overloaded", message: text, retryable: true }
      })
    ]),
    ...Object.values(active.openToolCalls).flatMap(({ outputLength, toolCallId }) => [
      c.output(toolCallId, text, { offset: outputLength }),
      c.output(toolCallId, text, { offset: outputLength, truncated: true }),
      c.closeCall(toolCallId, { result: { text } }),
      c.closeCall(toolCallId, { result: text }),
      c.closeCall(toolCallId, { status: "denied", result: null, error: { code: "Denied", message: text } })
    ]),
    ...Object.keys(active.pendingRequests).flatMap((requestId) => [
      c.respond(requestId, c.approve),
      c.withdraw(requestId)
    ]),
    c.ask(id, "approval", { title: text }),
    c.record({ type: "notice", level: "info", text }),
    c.steer(turnId, id, { text })
  ]
}

const endsOf = (state: ThreadState, { turnId }: ActiveTurn, { text }: Roll): ReadonlyArray<ThreadCommand> => [
  c.interrupt(turnId),
  c.closeTurn(turnId),
  c.closeTurn(turnId, "failed", { code: "Broken", message: text }),
  c.closeTurn(turnId, "interrupted"),
  c.closeSession("parked", state.generation),
  c.closeSession("lost", state.generation)
]

const ofOpenStep = (stepId: ReturnType<typeof stepIdOf>, id: string): ReadonlyArray<ThreadCommand> => {
  const open = {
    type: "thread.message.open",
    messageId: `${stepId}/${id}` as MessageId,
    stepId,
    runtime: "scripted",
    model: null
  } as const
  const close = { type: "thread.step.close", stepId, finishReason: "stop", responseId: null } as const
  return [
    open,
    open,
    open,
    { ...close, usage: { outputTokens: 7, inputTokens: 3 } },
    { ...close, usage: { inputTokens: 1.5, totalTokens: 9, cachedInputTokens: 0, reasoningTokens: 2 } }
  ]
}
