/** What a process that runs turns says about itself. */
import type { GeneratorRun, RuntimeDefinition } from "@spillway/contracts/generator-runtime"
import type { Token } from "../Connection.ts"
import type { SocketClass } from "../Environment.ts"

/** A generator, or one with what it can do. */
export type HostedRuntime = GeneratorRun | Omit<RuntimeDefinition, "name">

export interface ConnectRuntimeOptions {
  /** The server: `https://host`, `ws://127.0.0.1:4000`. */
  readonly url: string
  /** The server's SPILLWAY_RUNTIME_TOKEN, or a function that is asked for it before each connection. */
  readonly token: Token
  /** By the name that a turn's `runtime` asks for. */
  readonly runtimes: Readonly<Record<string, HostedRuntime>>
  /** Told of each change of the connection. */
  readonly onStatus?: (status: HostStatus) => void
  /** A WebSocket class, where there is none built in: Node 20 with the package ws. */
  readonly WebSocket?: SocketClass
}

export type HostStatus =
  | { readonly state: "connecting" }
  | { readonly state: "connected"; readonly server: string }
  /** The connection was lost, or there was none; it is tried again. Turns that run go on meanwhile. */
  | { readonly state: "waiting"; readonly attempt: number; readonly reason: string }
  /** The server does not let this host in: it is not tried again. */
  | {
      readonly state: "refused"
      readonly code: "unauthorized" | "unsupported-protocol"
      readonly reason: string
    }
  | { readonly state: "closed" }

export interface ConnectedRuntime {
  readonly status: () => HostStatus
  /** Resolves once connected. Rejects when the server refuses this host, or it was closed. */
  readonly ready: () => Promise<void>
  /** Turns that run here. */
  readonly turns: () => number
  /** Takes no more turns, waits for those that run, up to `graceSeconds` (default 0), then leaves: what is left is stopped. */
  readonly close: (options?: { readonly graceSeconds?: number }) => Promise<void>
}
