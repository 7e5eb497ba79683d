/** A host that is told by a streamed answer, and reports by requests: the websocket's other half for whoever has none. */
import type { RuntimeLimits, RuntimeOffer, RuntimeServerFrame } from "@spillway/contracts/runtime-protocol"
import { RUNTIME_PROTOCOL } from "@spillway/contracts/runtime-protocol"
import type { RemoteHosts, RuntimeHost } from "@spillway/provider-runtimes"
import type { ServerResponse } from "node:http"
import { runtimeError } from "../decodeHostFrame.ts"
import { beginLines, writeLine } from "./answers.ts"

/** Milliseconds. */
const PING_INTERVAL = 20_000
const STALL_TIMEOUT = 30_000

/** Bytes that may wait for the host before acks wait, too. */
const BUFFERED_LIMIT = 512 * 1024

export class WorkStream implements RuntimeHost {
  readonly id: string | null
  readonly offers: ReadonlyArray<RuntimeOffer>
  readonly #response: ServerResponse
  readonly #hosts: RemoteHosts["Service"]
  #isOpen = true
  #wroteAt: number
  #cloggedSince: number | null = null

  constructor(
    response: ServerResponse,
    id: string | null,
    offers: ReadonlyArray<RuntimeOffer>,
    hosts: RemoteHosts["Service"],
    now: number
  ) {
    this.#response = response
    this.id = id
    this.offers = offers
    this.#hosts = hosts
    this.#wroteAt = now
    response.on("drain", () => {
      this.#cloggedSince = null
      for (const session of hosts.sessionsOf(this)) session.catchUp()
    })
    response.on("error", () => {})
    response.on("close", () => this.#left())
  }

  begin(server: string, limits: RuntimeLimits): void {
    beginLines(this.#response)
    this.send({ type: "welcome", protocol: RUNTIME_PROTOCOL, server, limits })
  }

  readonly send = (frame: RuntimeServerFrame): void => {
    if (this.#isOpen) writeLine(this.#response, frame)
  }

  readonly isClogged = (): boolean => this.#response.writableLength > BUFFERED_LIMIT

  /** Looks after the clock's side; called about once a second. */
  tick(now: number): void {
    if (!this.#isOpen) return
    if (!this.isClogged()) this.#cloggedSince = null
    else this.#cloggedSince ??= now
    if (this.#cloggedSince !== null && now - this.#cloggedSince >= STALL_TIMEOUT) {
      return void this.#response.destroy()
    }
    if (now - this.#wroteAt < PING_INTERVAL) return
    this.#wroteAt = now
    this.send({ type: "ping" })
  }

  /** Says goodbye. Its sessions wait for it. */
  leave(code: "unavailable" | "not-active", message: string): void {
    this.send(runtimeError(code, message, { retryable: true }))
    this.#left()
    this.#response.end()
  }

  #left(): void {
    this.#isOpen = false
    this.#hosts.disconnect(this)
  }
}
