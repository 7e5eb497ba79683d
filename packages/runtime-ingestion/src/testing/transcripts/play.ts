/** Plays a translated transcript on a thread: the runtime's part through ingestion, the person's part through the engine. */
import {
  CommandId,
  DEFAULT_TENANT,
  type DeliveryMode,
  MessageId,
  type ProviderRuntimeEvent,
  type ThreadId,
  TurnId
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
  /** How many events, from the first on, are sent again once so many were told. */
  readonly redeliver?: (told: number) => number
}

export interface Played {
  readonly turnId: TurnId
  /** Steering messages that the runtime took in. */
  readonly steering: ReadonlyArray<string>
}

/** Starts a turn, and waits until its runtime is called. One at a time: the puppets' turns come in one queue. */
export const beginTurn = Effect.fnUntraced(function* (
  threadId: ThreadId,
  prompt: string,
  { mode, runtime }: PlayOptions
) {
  const puppet = yield* Puppet
  const engine = yield* ThreadEngine
  const { turnId } = yield* startTurn(threadId, {
    text: prompt,
    assistantDeliveryMode: mode,
    choice: { runtime }
  })
  const { finish, session } = yield* puppet.next
  const { active } = yield* engine.state(DEFAULT_TENANT, threadId)
  const { generation, sessionId } = active!.session!
  return { threadId, turnId, session, finish, source: { sessionId, generation } }
})

/** Plays one turn, to its end. */
export const playTurn = (threadId: ThreadId, turn: RecordedTurn, options: PlayOptions) =>
  Effect.flatMap(beginTurn(threadId, turn.prompt, options), (begun) => playCues(begun, turn.cues, options))

/** Plays the rest of a turn that has begun. */
export const playCues = Effect.fnUntraced(function* (
  { finish, session, source, threadId, turnId }: Effect.Success<ReturnType<typeof beginTurn>>,
  cues: ReadonlyArray<Cue>,
  { redeliver = () => 0 }: PlayOptions
) {
  const ingestion = yield* ProviderRuntimeIngestion
  const told: Array<ProviderRuntimeEvent> = []
  const steering: Array<string> = []

  /** Events of a session that is over are refused; a runtime that sends them all the same is no problem. */
  const offer = (sourceSequence: number, event: ProviderRuntimeEvent) =>
    ingestion
      .offer({ tenant: DEFAULT_TENANT, threadId }, { ...source, sourceSequence }, event)
      .pipe(Effect.ignore)

  const again = Effect.suspend(() =>
    Effect.forEach(
      [...told.slice(0, redeliver(told.length)).entries()],
      ([index, event]) => offer(index + 1, event),
      {
        discard: true
      }
    )
  )

  const perform = Effect.fnUntraced(function* (cue: Cue) {
    switch (cue.type) {
      case "prompt":
        throw new Error("A turn has one prompt.")
      case "event": {
        yield* offer(told.push(cue.event), cue.event)
        yield* again
        return
      }
      case "open-step":
        steering.push(...(yield* session.openStep({ model: null })).steering)
        return
      case "answer":
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
        yield* interruptTurn(threadId, turnId)
        return
      case "steer": {
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
  yield* finish
  yield* turnEnd(threadId, turnId)
  const played: Played = { turnId, steering }
  return played
})
