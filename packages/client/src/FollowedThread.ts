/** What a client holds of one thread: followed while somebody listens, with the commands that were given for it. */
import type { Subscription, ThreadId, TurnView } from "@spillway/contracts"
import type { Core } from "./Core.ts"
import { Source } from "./Followed.ts"
import { cut, dropOldOverlay, type Following, notFollowed, takeFrame } from "./following.ts"
import { GivenCommands } from "./GivenCommands.ts"
import type { FollowedFrame, Follower } from "./Subscriptions.ts"
import { show, type Shown, type ThreadState } from "./ThreadState.ts"

export class FollowedThread extends Source<ThreadState> implements Follower {
  readonly threadId: ThreadId
  readonly commands: GivenCommands
  readonly #core: Core
  #shown: Shown
  #following: Following
  /** What is held does not fit what arrives: begin with a snapshot. */
  #isBroken = false
  /** Nobody but this client knows of the thread, and it has not created it. */
  #isUnborn: boolean
  /** The server has not said, on this connection, that there is no such thread. */
  #mayExist: boolean
  readonly #watchList: () => () => void
  /** Ends looking out, in the list of threads, for somebody else to create it. */
  #stopLookingOut: (() => void) | undefined

  /**
   * @param isNew nobody else knows of the thread, so there is nothing to follow until it is created.
   * @param watchList follows the list of threads, whose news come back as `followAgain`.
   */
  constructor(core: Core, threadId: ThreadId, isNew: boolean, watchList: () => () => void) {
    const following: Following = isNew
      ? { ...notFollowed(threadId), status: "absent" }
      : notFollowed(threadId)
    const shown = show(following, [])
    super(shown.state, core.ending)
    this.threadId = threadId
    this.#core = core
    this.#shown = shown
    this.#following = following
    this.#isUnborn = isNew
    this.#mayExist = !isNew
    this.#watchList = watchList
    this.commands = new GivenCommands({
      threadId,
      isAbsent: () => this.#following.status === "absent",
      version: () => (this.isFollowed ? this.#following.durable.version : null),
      dispatch: (sending, where) => core.dispatch(sending, where),
      now: () => core.environment.now(),
      onChange: () => this.#show(),
      onCreated: () => this.followAgain()
    })
  }

  /** There may be a thread now. */
  followAgain(): void {
    if (this.#following.status !== "absent") return
    this.#isUnborn = false
    this.#mayExist = true
    this.#core.subscriptions.again(this)
  }

  /** Turns older than the ones held; `before` names the oldest of all held, `null` when there are no others. */
  addOlder(turns: ReadonlyArray<TurnView>, before: string | null): void {
    const { durable } = this.#following
    const held = new Set(durable.turns.map(({ turnId }) => turnId))
    const older = turns.filter(({ turnId }) => !held.has(turnId))
    this.#following = {
      ...this.#following,
      durable: { ...durable, turns: [...older, ...durable.turns] },
      before
    }
    this.#show()
  }

  get before(): string | null {
    return this.#following.before
  }

  /** Lets go of what is held, to read it again when it is followed again. */
  forget(): void {
    if (this.isFollowed || this.#following.status === "absent") return
    this.#following = notFollowed(this.threadId)
    this.#show()
  }

  protected override onFollowed(): void {
    this.#core.left.delete(this)
    this.#core.subscriptions.follow(this)
    this.#core.connection.open()
  }

  protected override onLeft(): void {
    this.#core.subscriptions.unfollow(this)
    this.onCut()
    this.#stopLookingOut?.()
    this.#stopLookingOut = undefined
    this.#core.left.add(this)
  }

  readonly wants = (): Subscription | null => {
    const { durable, logId, status } = this.#following
    if (!this.#mayExist || status === "refused") return null
    const { threadId } = this
    const isFresh = durable.version === 0 || logId === null || this.#isBroken
    return {
      to: "thread",
      threadId,
      from: isFresh ? "snapshot" : { afterVersion: durable.version, logId }
    }
  }

  readonly onFrame = (frame: FollowedFrame): void => {
    try {
      this.#following = takeFrame(this.#following, frame, this.#core.logId)
      if (frame.type === "snapshot") this.#isBroken = false
      this.#lookOut()
    } catch {
      this.#isBroken = true
      return this.#core.subscriptions.again(this)
    }
    if (frame.type === "caught-up" && this.#following.isOverlayOld) {
      this.#core.connection.fence(() => {
        this.#following = dropOldOverlay(this.#following)
        this.#show()
      })
    }
    this.commands.settle()
    this.#show()
  }

  readonly onCut = (): void => {
    this.#mayExist = !this.#isUnborn
    this.#following = cut(this.#following)
    this.commands.settle()
    this.#show()
  }

  #lookOut(): void {
    if (this.#following.status === "absent") {
      this.#mayExist = false
      this.#stopLookingOut ??= this.#watchList()
    } else {
      this.#stopLookingOut?.()
      this.#stopLookingOut = undefined
    }
  }

  #show(): void {
    this.#shown = show(this.#following, this.commands.list, this.#shown)
    this.setState(this.#shown.state)
  }
}
