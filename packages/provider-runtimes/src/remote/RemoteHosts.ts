/** The hosts that are connected, the sessions that they run, and the runtimes that they make of it. */
import type { SessionId } from "@spillway/contracts"
import { HOST_SESSION_LIMIT, type RuntimeOffer } from "@spillway/contracts/runtime-protocol"
import { countersOf, metrics, showGauge, showGaugeOf } from "@spillway/orchestration"
import { IngestionBudget, type ProviderRuntime } from "@spillway/runtime-ingestion"
import { Context, Effect, Layer } from "effect"
import { type Hosts, remoteRuntime } from "./RemoteRuntime.ts"
import type { RemoteSession, ReportCounters } from "./RemoteSession.ts"
import type { RuntimeHost } from "./RuntimeHost.ts"

export interface SessionAddress {
  readonly sessionId: SessionId
  readonly generation: number
}

const keyOf = ({ generation, sessionId }: SessionAddress) => `${generation} ${sessionId}`

export class RemoteHosts extends Context.Service<
  RemoteHosts,
  {
    /** The host may be given turns from here on. The result is those of its sessions that nobody here knows, or not yet. */
    readonly connect: (
      host: RuntimeHost,
      sessions: ReadonlyArray<SessionAddress>
    ) => ReadonlyArray<SessionAddress>
    /** Its sessions wait for it to come back. */
    readonly disconnect: (host: RuntimeHost) => void
    /** The host does not run this session any more, or never did: it is not attached when somebody begins to wait for it. */
    readonly forget: (host: RuntimeHost, session: SessionAddress) => void
    readonly session: (address: SessionAddress) => RemoteSession | undefined
    /** Those of a host. */
    readonly sessionsOf: (host: RuntimeHost) => ReadonlyArray<RemoteSession>
    /** A runtime of that name, whether a host offers it now or not. */
    readonly runtime: (name: string) => ProviderRuntime
    /** Reports of one session that may be on their way into its thread. */
    readonly window: number
    readonly hostCount: () => number
  }
>()("@spillway/provider-runtimes/RemoteHosts") {
  static readonly layer = Layer.effect(
    RemoteHosts,
    Effect.gen(function* () {
      const { perLane } = yield* IngestionBudget
      const registry = new Registry(perLane, yield* countersOf(metrics.runtimeReports))
      yield* showGauge(metrics.runtimeHosts, registry.hostCount)
      yield* showGaugeOf(metrics.remoteSessions, "connected", () => registry.sessionCount(true))
      yield* showGaugeOf(metrics.remoteSessions, "awaited", () => registry.sessionCount(false))
      return RemoteHosts.of(registry)
    })
  )
}

class Registry implements Hosts {
  readonly window: number
  readonly counters: ReportCounters
  readonly #hosts = new Set<RuntimeHost>()
  readonly #sessions = new Map<string, RemoteSession>()
  /** Hosts of sessions that nobody has opened here. */
  readonly #early = new Map<string, RuntimeHost>()
  readonly #offers = new Map<string, RuntimeOffer>()
  readonly #runtimes = new Map<string, ProviderRuntime>()
  #waiting: ReadonlyArray<() => void> = []

  constructor(window: number, counters: ReportCounters) {
    this.window = window
    this.counters = counters
  }

  readonly connect = (
    host: RuntimeHost,
    sessions: ReadonlyArray<SessionAddress>
  ): ReadonlyArray<SessionAddress> => {
    // An older connection of the same process is dead, whether that was noticed or not.
    for (const other of this.#hosts) if (host.id !== null && other.id === host.id) this.disconnect(other)
    this.#hosts.add(host)
    for (const offer of host.offers) this.#offers.set(offer.name, offer)
    const unknown: Array<SessionAddress> = []
    for (const address of sessions) {
      const session = this.session(address)
      if (session === undefined) {
        this.#early.set(keyOf(address), host)
        unknown.push(address)
      } else session.attach(host)
    }
    for (const session of this.#sessions.values()) if (session.isToBeStartedOn(host)) session.start(host)
    this.#lookAgain()
    return unknown
  }

  readonly disconnect = (host: RuntimeHost): void => {
    this.#hosts.delete(host)
    for (const [key, early] of this.#early) if (early === host) this.#early.delete(key)
    for (const session of this.#sessions.values()) session.detach(host)
  }

  readonly forget = (host: RuntimeHost, address: SessionAddress): void => {
    if (this.#early.get(keyOf(address)) === host) this.#early.delete(keyOf(address))
  }

  readonly session = (address: SessionAddress): RemoteSession | undefined =>
    this.#sessions.get(keyOf(address))

  readonly sessionsOf = (host: RuntimeHost): ReadonlyArray<RemoteSession> =>
    [...this.#sessions.values()].filter((session) => session.host === host)

  readonly runtime = (name: string): ProviderRuntime => {
    const known = this.#runtimes.get(name)
    if (known !== undefined) return known
    const made = remoteRuntime(name, this)
    // Names that no host ever had are not kept: anybody may ask for any.
    if (this.#offers.has(name)) this.#runtimes.set(name, made)
    return made
  }

  readonly hostCount = (): number => this.#hosts.size
  readonly sessionCount = (hasHost: boolean): number =>
    [...this.#sessions.values()].filter(({ host }) => (host !== null) === hasHost).length

  readonly offer = (runtime: string): RuntimeOffer | undefined => this.#offers.get(runtime)

  readonly hostOf = (runtime: string): Effect.Effect<RuntimeHost> =>
    Effect.suspend(() => {
      const [host] = [...this.#hosts]
        .filter(({ offers }) => offers.some(({ name }) => name === runtime))
        .map((host) => ({ host, busy: this.sessionsOf(host).length }))
        .filter(({ busy }) => busy < HOST_SESSION_LIMIT)
        .toSorted((a, b) => a.busy - b.busy)
      return host === undefined
        ? Effect.andThen(this.#nextHost, this.hostOf(runtime))
        : Effect.succeed(host.host)
    })

  readonly open = (session: RemoteSession): void => {
    const key = keyOf(session.address)
    this.#sessions.set(key, session)
    const early = this.#early.get(key)
    this.#early.delete(key)
    if (early !== undefined) session.attach(early)
  }

  readonly close = (session: RemoteSession): void => {
    const key = keyOf(session.address)
    if (this.#sessions.get(key) === session) this.#sessions.delete(key)
    session.close()
    // A host may have room again.
    this.#lookAgain()
  }

  #lookAgain(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
  }

  get #nextHost(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const look = () => resume(Effect.void)
      this.#waiting = [...this.#waiting, look]
      return Effect.sync(() => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== look)
      })
    })
  }
}
