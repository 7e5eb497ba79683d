/**
 * Looks at each state that a client shows of a thread, and says what no person may ever see: a message twice, a message gone that was
 * there, text that the finished message does not begin with.
 */
import type { MessageId, ThreadView, TurnId } from "@spillway/contracts"
import type { SentTurn, Thread } from "../Thread.ts"
import type { ThreadState } from "../ThreadState.ts"

export class WatchedThread {
  readonly thread: Thread
  readonly wrong: Array<string> = []
  /** Messages that were sent here: they stay from then on. */
  readonly #sent = new Set<MessageId>()
  /** By message and part: every text that was shown. */
  readonly #shown = new Map<string, Set<string>>()
  readonly #excused = new Set<TurnId>()
  #version = 0

  constructor(thread: Thread) {
    this.thread = thread
    thread.subscribe(() => this.#look(thread.state))
  }

  sent({ messageId }: SentTurn, isShown: boolean): void {
    if (isShown) this.#sent.add(messageId)
    this.#look(this.thread.state)
  }

  dismissAll(): number {
    const { pending } = this.thread.state
    for (const { command } of pending) if ("messageId" in command) this.#sent.delete(command.messageId)
    for (const { commandId } of pending) this.thread.dismiss(commandId)
    return pending.length
  }

  /** The process that ran this turn is gone, and with it the text that was on its way. */
  excuse(turnId: TurnId): void {
    this.#excused.add(turnId)
  }

  /** Holds all that was shown against what there is in the end. */
  compare(view: ThreadView): void {
    for (const { messageId, parts, turnId } of view.turns.flatMap((turn) => turn.messages)) {
      if (this.#excused.has(turnId)) continue
      for (const part of parts) {
        const text = part.type === "tool-call" ? part.output : part.text
        for (const shown of this.#shown.get(`${messageId} ${part.partId}`) ?? []) {
          if (!text.startsWith(shown)) this.wrong.push(`${messageId} showed ${shown} and became ${text}`)
        }
      }
    }
  }

  #look({ messages, view }: ThreadState): void {
    if (view.version < this.#version) this.wrong.push(`version ${view.version} after ${this.#version}`)
    this.#version = view.version
    const ids = new Set(messages.map(({ messageId }) => messageId))
    if (ids.size !== messages.length) this.wrong.push(`a message twice at version ${view.version}`)
    // What was said in a turn that was tried again has left the timeline with it.
    for (const turn of view.turns) {
      if (turn.retriedBy !== null) for (const { messageId } of turn.messages) ids.add(messageId)
    }
    for (const messageId of this.#sent) {
      if (!ids.has(messageId)) this.wrong.push(`${messageId} was gone at version ${view.version}`)
    }
    for (const { messageId, parts } of messages) {
      for (const part of parts) {
        const key = `${messageId} ${part.partId}`
        const shown = this.#shown.get(key) ?? new Set()
        this.#shown.set(key, shown.add(part.type === "tool-call" ? part.output : part.text))
      }
    }
  }
}
