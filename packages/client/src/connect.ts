/** The way in: a client of one server. */
import type { DeliveryMode, ThreadId } from "@spillway/contracts"
import { addressOf } from "./address.ts"
import type { ConnectionStatus, Token } from "./Connection.ts"
import { Core } from "./Core.ts"
import { environment, type Environment, type SocketClass } from "./Environment.ts"
import type { Followed } from "./Followed.ts"
import { FollowedThread } from "./FollowedThread.ts"
import { makeThread } from "./makeThread.ts"
import { newId } from "./newId.ts"
import type { Thread } from "./Thread.ts"
import { FollowedThreadList, type ThreadList } from "./ThreadList.ts"

export interface ConnectOptions {
  /** The server: `https://host`, `ws://127.0.0.1:4000`; in a page that it serves, `/`. */
  readonly url: string
  /** The server's token, or a function that is asked for it before each connection. */
  readonly token?: Token
  /** The delivery mode of sends that name none, here and on their thread. Absent: the server's default. */
  readonly deliveryMode?: DeliveryMode
  /** A WebSocket class, where there is none built in: Node 20 with the package ws. */
  readonly WebSocket?: SocketClass
}

export interface SpillwayClient {
  /** How the connection stands. */
  readonly connection: Followed<ConnectionStatus>
  /** The delivery mode of sends that name none, here and on their thread. */
  deliveryMode: DeliveryMode | undefined
  /** The list of threads, the last updated first. The same list each time. */
  readonly threads: () => ThreadList
  /** A thread, the same one for the same id. Without an id, a new one, which its first send creates. */
  readonly thread: (id?: string) => Thread
  /** Connects, and resolves once the server has said welcome. Rejects with `Disconnected`. */
  readonly ready: () => Promise<Extract<ConnectionStatus, { readonly state: "connected" }>>
  /** Connects at once: after a refusal, with another token say, or instead of waiting. */
  readonly reconnect: () => void
  /** Leaves for good. It stops nothing on the server; commands without a receipt fail. */
  readonly close: () => void
}

/** The socket is opened when something is first sent or followed, and stays open until `close`. Throws where there is no WebSocket. */
export const connect = (options: ConnectOptions): SpillwayClient =>
  makeClient(options, environment(options.WebSocket))

export const makeClient = (options: ConnectOptions, environment: Environment): SpillwayClient => {
  const core = new Core(addressOf(options.url), options.token, environment)
  core.deliveryMode = options.deliveryMode
  const threads = new Map<string, { readonly followed: FollowedThread; readonly thread: Thread }>()
  const list = new FollowedThreadList(core, (summaries) => {
    for (const { threadId } of summaries) threads.get(threadId)?.followed.followAgain()
  })

  const thread = (id?: string): Thread => {
    const known = id === undefined ? undefined : threads.get(id)
    if (known !== undefined) return known.thread
    const threadId = (id ?? newId()) as ThreadId
    const followed = new FollowedThread(core, threadId, id === undefined, () => list.subscribe(() => {}))
    const made = makeThread(core, followed)
    threads.set(threadId, { followed, thread: made })
    return made
  }

  return {
    connection: core.status,
    get deliveryMode() {
      return core.deliveryMode
    },
    set deliveryMode(mode) {
      core.deliveryMode = mode
    },
    threads: () => list,
    thread,
    ready: async () => {
      core.connection.open()
      const isConnected = (status: ConnectionStatus) => status.state === "connected"
      return (await core.status.until(isConnected)) as Extract<
        ConnectionStatus,
        { readonly state: "connected" }
      >
    },
    reconnect: () => core.reconnect(),
    close: () => core.close()
  }
}
