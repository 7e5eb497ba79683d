/** What one client follows, by the name that it chose: opened, and closed with it. */
import type { Subscription as Asked, TenantId } from "@spillway/contracts"
import { Effect, Exit, Scope } from "effect"
import { errorFrame } from "./decodeFrame.ts"
import { openSubscription } from "./openSubscription.ts"
import type { Outbox } from "./Outbox.ts"

type Services = Exclude<Effect.Services<ReturnType<typeof openSubscription>>, Scope.Scope>

/** Runs an effect beside the connection, to its end. */
export type Fork = (effect: Effect.Effect<void, never, Services>) => void

export interface SubscriptionsOptions {
  readonly tenant: TenantId
  /** How many at once. */
  readonly limit: number
  readonly outbox: Outbox
  /** The connection's: whatever is open closes with it. */
  readonly scope: Scope.Scope
  readonly fork: Fork
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #open = new Map<string, { readonly to: Asked["to"]; readonly scope: Scope.Closeable }>()

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  /** How many follow something of this kind. */
  count(kind: Asked["to"]): number {
    let count = 0
    for (const { to } of this.#open.values()) if (to === kind) count += 1
    return count
  }

  open(id: string, asked: Asked): void {
    const { fork, limit, outbox, scope: parent, tenant } = this.#options
    if (this.#open.has(id)) {
      const said = `There is a subscription ${id} already: unsubscribe it first, or choose another name.`
      return outbox.control(errorFrame("subscription-exists", said, { id }))
    }
    if (this.#open.size >= limit) {
      const said = `One connection has at most ${limit} subscriptions: unsubscribe one, or open another connection.`
      return outbox.control(errorFrame("subscription-limit", said, { id }))
    }
    const scope = Scope.forkUnsafe(parent)
    this.#open.set(id, { to: asked.to, scope })
    const opening = { id, asked, tenant, outbox, refused: () => this.#drop(id) }
    fork(
      Effect.map(openSubscription(opening).pipe(Scope.provide(scope)), (subscription) => {
        if (this.#open.get(id)?.scope === scope) outbox.add(subscription)
      })
    )
  }

  close(id: string): void {
    if (this.#open.has(id)) return this.#drop(id)
    const said = `There is no subscription ${id} on this connection.`
    this.#options.outbox.control(errorFrame("subscription-unknown", said, { id }))
  }

  #drop(id: string): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    this.#options.outbox.remove(id)
    if (open !== undefined) this.#options.fork(Scope.close(open.scope, Exit.void))
  }
}
