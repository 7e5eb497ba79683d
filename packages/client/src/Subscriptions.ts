/** What is followed over the one socket: subscribed as long as it is wanted, and again after each reconnect, from where it got to. */
import type { ClientFrame, ServerFrame, Subscription } from "@spillway/contracts"

type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { readonly type: T }>

export type FollowedFrame = FrameOf<"snapshot" | "events" | "threads" | "live" | "caught-up" | "error">

/** One thing that is followed. */
export interface Follower {
  /** From where to go on now; `null` while there is nothing to follow. */
  readonly wants: () => Subscription | null
  readonly onFrame: (frame: FollowedFrame) => void
  readonly onCut: () => void
}

/** Errors about a subscription after which it goes on. After any other the server has let go of it. */
const goesOn = new Set<string>(["cursor-invalid", "unavailable"])

export class Subscriptions {
  readonly #send: (frame: ClientFrame) => boolean
  /** In the order in which they came; the name each has on this socket, `null` while it has none. */
  readonly #followers = new Map<Follower, string | null>()
  readonly #named = new Map<string, Follower>()
  #count = 0
  /** How many the server lets a socket have; 0 while there is no socket. */
  #limit = 0

  constructor(send: (frame: ClientFrame) => boolean) {
    this.#send = send
  }

  follow(follower: Follower): void {
    this.#followers.set(follower, null)
    this.#subscribe()
  }

  unfollow(follower: Follower): void {
    this.#leave(follower)
    this.#followers.delete(follower)
    this.#subscribe()
  }

  /** What it wants has changed. */
  again(follower: Follower): void {
    if (!this.#followers.has(follower)) return
    this.#leave(follower)
    this.#subscribe()
  }

  onWelcome(limit: number): void {
    this.#limit = limit
    this.#subscribe()
  }

  onCut(): void {
    this.#limit = 0
    this.#named.clear()
    for (const follower of this.#followers.keys()) {
      this.#followers.set(follower, null)
      follower.onCut()
    }
  }

  onFrame(frame: ServerFrame): void {
    if (!("id" in frame) || frame.id === undefined) return
    const follower = this.#named.get(frame.id)
    if (follower === undefined) return
    if (frame.type === "error" && !goesOn.has(frame.code)) {
      this.#forget(follower, frame.id)
      follower.onFrame(frame)
      return this.#subscribe()
    }
    follower.onFrame(frame)
  }

  /** As many as there is room for. */
  #subscribe(): void {
    for (const [follower, name] of this.#followers) {
      if (this.#named.size >= this.#limit) return
      const subscription = name === null ? follower.wants() : null
      if (subscription === null) continue
      const id = `s${++this.#count}`
      this.#named.set(id, follower)
      this.#followers.set(follower, id)
      this.#send({ type: "subscribe", id, subscription })
    }
  }

  #leave(follower: Follower): void {
    const id = this.#followers.get(follower) ?? null
    if (id === null) return
    this.#forget(follower, id)
    this.#send({ type: "unsubscribe", id })
  }

  #forget(follower: Follower, id: string): void {
    this.#named.delete(id)
    this.#followers.set(follower, null)
  }
}
