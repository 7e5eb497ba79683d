/**
 * The answers that have not left yet, event streams included, and what bounds them: how many there may be, of the process and of one
 * connection, and how long a client may leave one untaken.
 */
import type { ServiceUnavailable } from "@spillway/contracts/http-api"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { untakenBy } from "../untakenBy.ts"
import { atCapacity } from "./capacity.ts"

/** Requests of one connection that are worked on at once: more than one is pipelining, which hardly anybody does. */
const PER_CONNECTION = 16

export interface UnderWayOptions {
  /** Event streams not counted, which have a limit of their own. */
  readonly limit: number
  /** Event streams among the answers now. */
  readonly streams: () => number
  /** How long a client may take nothing of an answer. Milliseconds. */
  readonly stallAfter: number
}

interface Connection {
  answers: number
  /** Bytes that its client still had to take when it last took some, and when that was. */
  untaken: number
  since: number
}

export class UnderWay {
  readonly #options: UnderWayOptions
  readonly #answers = new Set<ServerResponse>()
  readonly #connections = new Map<Socket, Connection>()

  constructor(options: UnderWayOptions) {
    this.#options = options
  }

  /** Takes the request up, until its answer has left; the problem to answer with instead, where it is one too many. */
  take({ socket, url }: IncomingMessage, response: ServerResponse): ServiceUnavailable | undefined {
    const { limit, streams } = this.#options
    const isFull = this.#answers.size - streams() >= limit && !isHealth(url)
    const connection = this.#connections.get(socket) ?? { answers: 0, untaken: 0, since: 0 }
    const isGreedy = connection.answers >= PER_CONNECTION
    connection.answers += 1
    this.#connections.set(socket, connection)
    this.#answers.add(response)
    response.once("close", () => {
      this.#answers.delete(response)
      connection.answers -= 1
      if (connection.answers === 0) this.#connections.delete(socket)
    })
    if (isGreedy) return tooManyAtOnce
    return isFull ? tooMany(limit) : undefined
  }

  /** Hangs up on clients that take nothing; called about once a second. `now` in milliseconds. */
  tick(now: number): void {
    for (const [socket, connection] of this.#connections) {
      const untaken = untakenBy(socket)
      if (untaken === 0 || untaken !== connection.untaken) {
        connection.untaken = untaken
        connection.since = now
      } else if (now - connection.since >= this.#options.stallAfter) socket.destroy()
    }
  }

  /** Returns once each has left, or its connection broke. */
  get allLeft(): Promise<unknown> {
    return Promise.all(
      Array.from(this.#answers, (response) => new Promise<void>((resolve) => response.once("close", resolve)))
    )
  }
}

/** Whoever restarts a process that does not answer must not do so because it has much to do. */
const isHealth = (url: string | undefined): boolean => url?.startsWith("/health/") ?? false

const tooManyAtOnce = atCapacity(
  `One connection has at most ${PER_CONNECTION} requests under way: wait for an answer before the next request.`
)

const tooMany = (limit: number) =>
  atCapacity(
    `${limit} requests are under way, which is as many as this process takes: send the request again later.`
  )
