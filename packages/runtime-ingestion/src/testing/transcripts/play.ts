/** Plays a translated transcript on a thread: the runtime's part through ingestion, the person's part through the engine. */
import {
  CommandId,
  DEFAULT_TENANT,
  type DeliveryMode,
  MessageId,
  type ProviderRuntimeEvent,
  type ThreadId,
  TurnId,
  type TurnId as TurnIdType
} from "@spillway/contracts"
import { ThreadEngine } from "@spillway/orchestration"
import { Effect } from "effect"
import { ProviderRuntimeIngestion } from "../../ProviderRuntimeIngestion.ts"
import { Puppet } from "../Puppet.ts"
import { committed, dispatch, interruptTurn, startTurn, turnEnd, uniqueId } from "../TestIngestion.ts"
import type { Cue, RecordedTurn } from "./Transcript.ts"

export interface PlayOptions {
  readonly mode: DeliveryMode
  /** Name of the puppet that plays it. */
  readonly runtime: string
  /** Sends everything said so far once more, at every power of two and before whatever a person does. */
  readonly redeliver?: boolean
}

export interface Played {
  readonly turnId: TurnIdType
  /** Steering messages that the runtime took in. */
  readonly steering: ReadonlyArray<string>
}

/** Plays one turn, to its end. */
export const playTurn = Effect.fnUntraced(function* (
  threadId: ThreadId,
  { cues, prompt }: RecordedTurn,
  { mode, redeliver = false, runtime }: PlayOptions
) {
  const puppet = yield* Puppet
  const engine = yield* ThreadEngine
  const ingestion = yield* ProviderRuntimeIngestion
  const { turnId } = yield* startTurn(threadId, { text: prompt, assistantDeliveryMode: mode, choice: { runtime } })
  const turn = yield* puppet.next
  const { active } = yield* engine.state(DEFAULT_TENANT, threadId)
  const { generation, sessionId } = active!.session!
  const told: Array<ProviderRuntimeEvent> = []
  const steering: Array<string> = []

  /** Events of a session that is over are refused; a runtime that sends them all the same is no problem. */
  const offer = (sourceSequence: number, event: ProviderRuntimeEvent) =>
    ingestion
      .offer({ tenant: DEFAULT_TENANT, threadId }, { sessionId, generation, sourceSequence }, event)
      .pipe(Effect.ignore)

  const again = Effect.suspend(() =>
    redeliver
      ? Effect.forEach([...told.entries()], ([index, event]) => offer(index + 1, event), { discard: true })
      : Effect.void
  )

  const perform = Effect.fnUntraced(function* (cue: Cue) {
    switch (cue.type) {
      case "prompt":
        throw new Error("A turn has one prompt.")
      case "event": {
        const count = told.push(cue.event)
        yield* offer(count, cue.event)
        if ((count & (count - 1)) === 0) yield* again
        return
      }
      case "open-step":
        yield* again
        steering.push(...(yield* turn.session.openStep({ model: null })).steering)
        return
      case "answer":
        yield* again
        yield* committed(
          threadId,
          (event) => event.type === "thread.request-opened" && event.data.requestId === cue.requestId
        )
        yield* dispatch({
          type: "thread.request.respond",
          commandId: CommandId.make(uniqueId("command")),
          threadId,
          requestId: cue.requestId,
          response: cue.response
        })
        return
      case "interrupt":
        yield* again
        yield* interruptTurn(threadId, turnId)
        return
      case "steer": {
        yield* again
        const nextTurnId = TurnId.make(uniqueId("turn"))
        yield* dispatch({
          type: "thread.turn.steer",
          commandId: CommandId.make(uniqueId("command")),
          threadId,
          turnId,
          nextTurnId,
          messageId: MessageId.make(`${nextTurnId}/ask`),
          text: cue.text
        })
        return
      }
    }
  })

  yield* Effect.forEach(cues, perform, { discard: true })
  yield* again
  yield* turn.finish
  yield* turnEnd(threadId, turnId)
  const played: Played = { turnId, steering }
  return played
})
