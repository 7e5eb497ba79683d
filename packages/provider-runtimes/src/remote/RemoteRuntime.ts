/**
 * A runtime in another process as the engine runs it: hands the turn to a host, and what that reports to the session.
 *
 * Without a host the turn waits for one, and fails when none comes in time. A host that is lost has a while to come back, and goes on;
 * so has one whose server was lost, since its session is started again under the same claim.
 */
import type { RequestId } from "@spillway/contracts"
import type { RuntimeOffer, RuntimeReport } from "@spillway/contracts/runtime-protocol"
import {
  type ProviderRuntime,
  RuntimeFailed,
  RuntimeLost,
  type RuntimeSession,
  type SessionClosed,
  type TurnInput
} from "@spillway/runtime-ingestion"
import { Effect, type Scope } from "effect"
import { RemoteSession, type ReportCounters } from "./RemoteSession.ts"
import { RemoteSettings } from "./RemoteSettings.ts"
import type { RuntimeHost } from "./RuntimeHost.ts"

/** What `remoteRuntime` needs to know of the hosts. */
export interface Hosts {
  readonly window: number
  readonly counters: ReportCounters
  /** What the last host of that runtime said of it. */
  readonly offer: (runtime: string) => RuntimeOffer | undefined
  /** Resolves with the least busy host that offers the runtime, once there is one. */
  readonly hostOf: (runtime: string) => Effect.Effect<RuntimeHost>
  /** The session can be found from here on; a host that named it already is attached. */
  readonly open: (session: RemoteSession) => void
  readonly close: (session: RemoteSession) => void
}

export const remoteRuntime = (name: string, hosts: Hosts): ProviderRuntime => ({
  name,
  get resumable() {
    return hosts.offer(name)?.resumable ?? false
  },
  get canSteer() {
    return hosts.offer(name)?.canSteer ?? false
  },
  get announcesSteps() {
    return hosts.offer(name)?.announcesSteps ?? false
  },
  get outlivesServer() {
    return hosts.offer(name)?.outlivesServer ?? true
  },
  runTurn: (input, session) => runTurn(name, hosts, input, session)
})

const runTurn = Effect.fnUntraced(function* (
  name: string,
  hosts: Hosts,
  input: TurnInput,
  session: RuntimeSession
): Effect.fn.Return<void, RuntimeFailed | RuntimeLost | SessionClosed, Scope.Scope> {
  const settings = yield* RemoteSettings
  const { numbered } = session
  const { generation, reattached, sessionId } = { ...numbered.address, reattached: numbered.reattached }
  const remote = new RemoteSession({
    numbered,
    runtime: name,
    start: { type: "start", sessionId, generation, runtime: name, turn: input },
    window: hosts.window,
    hasSteering: session.hasSteering,
    counters: hosts.counters
  })
  if (reattached) {
    const step = yield* numbered.lastStep
    if (step !== null) remote.stepOpened(step)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => hosts.open(remote)),
    () => Effect.sync(() => hosts.close(remote))
  )
  yield* Effect.forkScoped(
    Effect.andThen(
      session.interrupted,
      Effect.sync(() => remote.interrupt())
    )
  )

  /** Waits for the answer and hands it on; the turn's end is somebody else's to notice. */
  const waitForAnswer = (requestId: RequestId) =>
    Effect.forkScoped(
      numbered.answerTo(requestId).pipe(
        Effect.map((response) => remote.respond({ requestId, response })),
        Effect.ignore
      )
    )
  const known = new Set(input.turn.requests.map(({ requestId }) => requestId))
  if (reattached) yield* Effect.forEach(known, waitForAnswer)

  const report = (report: RuntimeReport): Effect.Effect<unknown, SessionClosed, Scope.Scope> => {
    const { sourceSequence, ...event } = report
    switch (event.type) {
      case "step.open": {
        const { model, provider } = event
        return Effect.map(
          numbered.openStep(sourceSequence, { model, ...(provider !== undefined && { provider }) }),
          (step) => remote.stepOpened(step)
        )
      }
      case "request.opened": {
        const waiting = waitForAnswer(event.requestId)
        // Asked before this generation: the log has the question.
        return known.has(event.requestId)
          ? waiting
          : Effect.andThen(waiting, numbered.emit(sourceSequence, event))
      }
      default:
        return numbered.emit(sourceSequence, event)
    }
  }

  const feed = Effect.gen(function* () {
    while (true) {
      yield* report(yield* remote.next())
      remote.admitted()
    }
  })

  /** Fails when nobody runs the turn any more. */
  const watch = Effect.gen(function* () {
    while (true) {
      yield* remote.hasHost.await.pipe(
        Effect.timeoutOrElse({
          duration: settings.grace,
          orElse: () => Effect.fail(hostLost(name, settings.grace))
        })
      )
      yield* remote.hasNoHost.await
    }
  })

  if (reattached) {
    yield* remote.hasHost.await.pipe(
      Effect.timeoutOrElse({ duration: settings.reattach, orElse: () => Effect.fail(notReattached) })
    )
  } else {
    const host = yield* hosts.hostOf(name).pipe(
      Effect.timeoutOrElse({
        duration: settings.connectWait,
        orElse: () => Effect.fail(noHost(name, settings.connectWait))
      })
    )
    remote.start(host)
  }
  return yield* Effect.raceFirst(feed, watch)
})

const seconds = (milliseconds: number) => `${milliseconds / 1_000} seconds`

const noHost = (name: string, waited: number) =>
  new RuntimeFailed({
    code: "RuntimeNotConnected",
    message: `No runtime "${name}" is here, and none connected within ${seconds(waited)}. Start the process that runs it, or choose another runtime, and retry the turn.`,
    retryable: true
  })

const hostLost = (name: string, grace: number) =>
  new RuntimeLost({
    reason: "runtime-lost",
    error: {
      code: "RuntimeDisconnected",
      message: `The process that runs "${name}" was lost, and did not come back within ${seconds(grace)}. Start it again and retry the turn.`,
      retryable: true
    }
  })

/** As where a turn's runtime went with the server. */
const notReattached = new RuntimeLost({ reason: "server-restarted", error: null })
