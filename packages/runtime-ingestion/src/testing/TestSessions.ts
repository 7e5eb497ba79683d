/**
 * Sessions on a log in memory, without reactors and read models, so that a test holds the clock: it claims a turn itself, as often as it
 * likes, and takes the log away.
 */
import {
  CommandId,
  DEFAULT_TENANT,
  MessageId,
  type ProviderRuntimeEvent,
  sessionIdOf,
  ThreadId,
  TurnId,
  type DeliveryMode
} from "@spillway/contracts"
import {
  AppendInvalid,
  EventLog,
  NodeLease,
  Publisher,
  RuntimeSessions,
  type SessionClaim,
  ThreadEngine,
  Unavailable
} from "@spillway/orchestration"
import { Memory, MemoryStore } from "@spillway/orchestration/testing"
import { Context, Effect, Layer, Stream } from "effect"
import { IngestionBudget } from "../lanes/IngestionBudget.ts"
import { LiveLane } from "../LiveLane.ts"
import { ProviderRuntimeIngestion } from "../ProviderRuntimeIngestion.ts"
import { Puppet } from "./Puppet.ts"
import { readThreadView } from "../turn/turnInput.ts"
import { textOf, uniqueId } from "./TestIngestion.ts"

/** The log's switch. */
export class LogSwitch extends Context.Service<
  LogSwitch,
  {
    /** While it is away, every append fails as `Unavailable`. */
    isAway: boolean
    /** Appends so far, refused ones included. */
    appends: number
    /** An append with an event whose data holds this can't be stored. */
    poison: string | null
  }
>()("@spillway/runtime-ingestion/testing/LogSwitch") {
  static readonly layer = Layer.sync(LogSwitch, () => ({ isAway: false, appends: 0, poison: null }))
}

const switched = Layer.effect(
  EventLog,
  Effect.gen(function* () {
    const log = yield* EventLog
    const state = yield* LogSwitch
    return EventLog.of({
      ...log,
      append: (append) =>
        Effect.suspend(() => {
          if (state.isAway) return Effect.fail(new Unavailable({ message: "The log is away." }))
          const { poison } = state
          if (poison !== null && append.events.some(({ data }) => data.includes(poison))) {
            return Effect.fail(new AppendInvalid({ message: "One of the events can't be stored." }))
          }
          state.appends++
          return log.append(append)
        })
    })
  })
)

/**
 * A process on the store, which holds the lease of an epoch and does not notice that it lost it. Fresh, so that twice is two processes.
 *
 * @param log what stands before the log.
 */
export const layerProcess = (epoch = 1, log: Layer.Layer<EventLog, never, EventLog | LogSwitch> = switched) =>
  ProviderRuntimeIngestion.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(Puppet.layer, LiveLane.layer, IngestionBudget.layer())),
    Layer.provideMerge(ThreadEngine.layer),
    Layer.provideMerge(Publisher.layer),
    Layer.provideMerge(log),
    Layer.provideMerge(
      Layer.mergeAll(
        LogSwitch.layer,
        Memory.layerOnStore,
        Layer.succeed(NodeLease, { epoch: Effect.succeed(epoch), changes: Stream.never })
      )
    ),
    Layer.fresh
  )

export const layerTestSessions = layerProcess().pipe(Layer.provideMerge(MemoryStore.layer))

const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null }

/** A turn on a thread of its own, claimed for the puppet. */
export const claimTurn = Effect.fnUntraced(function* (assistantDeliveryMode: DeliveryMode) {
  const engine = yield* ThreadEngine
  const threadId = ThreadId.make(uniqueId("thread"))
  const turnId = TurnId.make(`${threadId}/turn`)
  const messageId = MessageId.make(`${threadId}/ask`)
  for (const command of [
    { type: "thread.create", commandId: CommandId.make(`${threadId}/create`), threadId },
    {
      type: "thread.turn.start",
      commandId: CommandId.make(`${threadId}/start`),
      threadId,
      turnId,
      messageId,
      text: "hello",
      assistantDeliveryMode
    }
  ] as const) {
    yield* engine.dispatch(origin, command)
  }
  const sessionId = sessionIdOf(DEFAULT_TENANT, threadId)
  const runtime = "puppet"
  const claim: SessionClaim = { tenant: DEFAULT_TENANT, threadId, turnId, sessionId, generation: 1, runtime }
  yield* engine.ingest({
    tenant: DEFAULT_TENANT,
    threadId,
    actor: "runtime:puppet",
    commands: [
      {
        type: "thread.session.open",
        turnId,
        sessionId,
        generation: 1,
        runtime,
        resumable: true,
        canSteer: true
      }
    ],
    cursor: null
  })
  return claim
})

/** Runs the claim; again, as after a crash, it is a session that goes on. */
export const startClaim = Effect.fnUntraced(function* (claim: SessionClaim) {
  const sessions = yield* RuntimeSessions
  const puppet = yield* Puppet
  const ingestion = yield* ProviderRuntimeIngestion
  yield* sessions.start(claim)
  const turn = yield* puppet.next
  return {
    ...turn,
    ...turn.session,
    /** As a runtime sends events that numbers them. */
    offer: (sourceSequence: number, event: ProviderRuntimeEvent) =>
      ingestion.offer(
        claim,
        { sessionId: claim.sessionId, generation: claim.generation, sourceSequence },
        event
      )
  }
})

/** The claim's turn, with its step open. */
export const begin = Effect.fnUntraced(function* (mode: DeliveryMode) {
  const claim = yield* claimTurn(mode)
  const turn = yield* startClaim(claim)
  yield* turn.openStep({ model: null })
  return { claim, ...turn }
})

/** The text that the thread shows. */
export const shownText = (claim: SessionClaim) =>
  Effect.map(readThreadView(claim.tenant, claim.threadId), (view) => textOf(view))

/** What the checkpoint of a claim's session holds: each piece, and its place. */
export const keptOf = ({ sessionId }: SessionClaim) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    return (yield* log.checkpoint(sessionId)).map(({ offset, text }) => [offset, text] as const)
  })
