"use client"
/**
 * A client's threads in React. What a hook gives is the same object until something changes, so components that are memoised by it
 * render when they must and not otherwise. On a server everything is `loading`; a browser takes over from there.
 */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useMemo,
  useSyncExternalStore
} from "react"
import type { SpillwayClient } from "./connect.ts"
import type { ConnectionStatus } from "./Connection.ts"
import type { Followed } from "./Followed.ts"
import type { Thread } from "./Thread.ts"
import type { ThreadListState } from "./ThreadList.ts"
import type { ThreadState } from "./ThreadState.ts"

const ClientContext = createContext<SpillwayClient | null>(null)

export interface SpillwayProviderProps {
  /** Made once, outside of any component: `connect({ url })` opens nothing before a component follows something. */
  readonly client: SpillwayClient
  readonly children?: ReactNode
}

export const SpillwayProvider = ({ children, client }: SpillwayProviderProps): ReactElement =>
  createElement(ClientContext.Provider, { value: client }, children)

/** The client of the provider above. Throws where there is none. */
export const useSpillway = (): SpillwayClient => {
  const client = useContext(ClientContext)
  if (client === null) {
    throw new Error(
      "There is no Spillway client here: put <SpillwayProvider client={…}> around what uses it."
    )
  }
  return client
}

export interface FollowedThread extends ThreadState {
  /** To send, answer, interrupt. */
  readonly thread: Thread
}

/** Follows a thread as long as the component is there. */
export const useThread = (id: string): FollowedThread => {
  const client = useSpillway()
  const thread = useMemo(() => client.thread(id), [client, id])
  const state = useFollowed(thread)
  return useMemo(() => ({ ...state, thread }), [state, thread])
}

/** Follows the list of threads, the last updated first. */
export const useThreads = (): ThreadListState => useFollowed(useSpillway().threads())

/** How the connection stands: `connected`, `waiting` to try again, `refused`, … */
export const useConnection = (): ConnectionStatus => useFollowed(useSpillway().connection)

const useFollowed = <State>(followed: Followed<State>): State =>
  useSyncExternalStore(
    followed.subscribe,
    () => followed.state,
    () => followed.initial
  )
