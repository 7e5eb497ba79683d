/** What threads, lists and commands of one client share: the connection, and what goes over it. */
import type { DeliveryMode, ServerFrame, ServerLimits } from "@spillway/contracts"
import type { Address } from "./address.ts"
import { Commands, type Sending } from "./Commands.ts"
import { Connection, type ConnectionListener, type ConnectionStatus, type Token } from "./Connection.ts"
import type { Environment } from "./Environment.ts"
import { CommandFailed, Disconnected } from "./errors.ts"
import { type Ending, notify, Source } from "./Followed.ts"
import { Subscriptions } from "./Subscriptions.ts"

export class Core implements ConnectionListener {
  readonly address: Address
  readonly token: Token | undefined
  readonly environment: Environment
  readonly connection: Connection
  readonly subscriptions: Subscriptions
  readonly status: StatusSource
  readonly ending = new EndingOfClient()
  readonly left = new LeftThreads()
  /** The mode of sends that name none; `undefined` leaves it to the server. */
  deliveryMode: DeliveryMode | undefined
  /** The log of the server that is, or was last, connected. */
  logId = ""
  readonly #commands: Commands

  constructor(address: Address, token: Token | undefined, environment: Environment) {
    this.address = address
    this.token = token
    this.environment = environment
    this.status = new StatusSource({ state: "idle" }, this.ending)
    this.connection = new Connection(address.socket, token, environment, this)
    this.subscriptions = new Subscriptions((frame) => this.connection.send(frame))
    this.#commands = new Commands((frame) => this.connection.send(frame), environment)
  }

  /** Sends commands of one thread, one after the other; fails them where there is nobody to send them to. */
  dispatch(sending: ReadonlyArray<Sending>, where: "behind" | "before" = "behind"): void {
    const { error } = this.ending
    if (error === null) {
      this.connection.open()
      return this.#commands.push(sending, where)
    }
    const failure = new CommandFailed(error.code, error.message)
    for (const { onOutcome } of sending) onOutcome({ status: "failed", error: failure })
  }

  /** The server is asked again, at once. */
  reconnect(): void {
    if (this.ending.error?.code === "client-closed") return
    this.ending.set(null)
    this.connection.reconnect()
  }

  close(): void {
    const said = "The client was closed. What it had sent without an answer may have been done."
    this.#end(new Disconnected("client-closed", said))
    this.connection.close()
  }

  onStatus(status: ConnectionStatus): void {
    this.status.set(status)
  }

  onWelcome({ limits, logId }: { readonly logId: string; readonly limits: ServerLimits }): void {
    this.logId = logId
    this.subscriptions.onWelcome(limits.subscriptions)
    this.#commands.onWelcome(limits)
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "receipt") return this.#commands.onReceipt(frame.receipt)
    if (frame.type === "error" && frame.commandId !== undefined) return this.#commands.onError(frame)
    this.subscriptions.onFrame(frame)
  }

  onCut(): void {
    this.#commands.onCut()
    this.subscriptions.onCut()
  }

  onRefused(error: Disconnected): void {
    this.#end(error)
  }

  #end(error: Disconnected): void {
    this.ending.set(error)
    this.#commands.failAll(new CommandFailed(error.code, error.message))
  }
}

class StatusSource extends Source<ConnectionStatus> {
  set(status: ConnectionStatus): void {
    this.setState(status)
  }
}

class EndingOfClient implements Ending {
  readonly #listeners = new Set<() => void>()
  #error: Disconnected | null = null

  get error(): Disconnected | null {
    return this.#error
  }

  set(error: Disconnected | null): void {
    this.#error = error
    if (error !== null) notify(this.#listeners)
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

/** How many views that nobody follows are kept, so that whoever comes back sees one at once. */
const KEPT = 20

class LeftThreads {
  readonly #threads = new Set<{ readonly forget: () => void }>()

  add(thread: { readonly forget: () => void }): void {
    this.#threads.add(thread)
    for (const oldest of this.#threads) {
      if (this.#threads.size <= KEPT) return
      this.#threads.delete(oldest)
      oldest.forget()
    }
  }

  delete(thread: { readonly forget: () => void }): void {
    this.#threads.delete(thread)
  }
}
