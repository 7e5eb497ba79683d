import type { MessageId, TurnId } from "../Ids.ts"
import type { MessageView, ThreadView, ToolCallPart, TurnView } from "./ThreadView.ts"

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export type TurnDraft = Mutable<TurnView>
export type MessageDraft = Mutable<MessageView>

/**
 * A view being folded. Each object is copied the first time it is touched and written in place after that, so that folding n
 * events costs n and not n copies, while views that were handed out stay as they were.
 */
export class ViewDraft {
  readonly view: Mutable<ThreadView>
  private readonly owned = new WeakSet<object>()

  constructor(view: ThreadView) {
    this.view = { ...view }
    this.owned.add(this.view)
  }

  /** The array itself when it is already ours, else a copy that `put` has stored. */
  private ownArray<T>(array: ReadonlyArray<T>, put: (copy: Array<T>) => void): Array<T> {
    if (this.owned.has(array)) return array as Array<T>
    const copy = array.slice()
    this.owned.add(copy)
    put(copy)
    return copy
  }

  private ownElement<T extends object>(array: Array<T>, index: number): Mutable<T> {
    const element = array[index]!
    if (this.owned.has(element)) return element
    const copy = { ...element }
    this.owned.add(copy)
    array[index] = copy
    return copy
  }

  private turnArray(): Array<TurnView> {
    return this.ownArray(this.view.turns, (copy) => (this.view.turns = copy))
  }

  addTurn(turn: TurnView): void {
    this.owned.add(turn)
    this.turnArray().push(turn)
  }

  /** The turn, to be written to; `undefined` in a view that does not reach back to it. */
  turn(turnId: TurnId): TurnDraft | undefined {
    // Events are nearly always about the newest turns.
    const index = this.view.turns.findLastIndex((turn) => turn.turnId === turnId)
    return index < 0 ? undefined : this.ownElement(this.turnArray(), index)
  }

  /** Appends to one of a turn's lists. */
  push<K extends "messages" | "steps" | "requests" | "activities">(
    turn: TurnDraft,
    key: K,
    item: TurnView[K][number]
  ): void {
    if (typeof item === "object") this.owned.add(item)
    const list = this.ownArray<unknown>(turn[key], (copy) => (turn[key] = copy as never))
    list.push(item)
  }

  /** One element of a turn's list, to be written to. */
  find<K extends "messages" | "steps" | "requests">(
    turn: TurnDraft,
    key: K,
    matches: (item: TurnView[K][number]) => boolean
  ): Mutable<TurnView[K][number]> | undefined {
    const list = turn[key] as ReadonlyArray<TurnView[K][number]>
    const index = list.findLastIndex(matches)
    if (index < 0) return undefined
    return this.ownElement(
      this.ownArray(list, (copy) => (turn[key] = copy as never)),
      index
    )
  }

  message(turnId: TurnId, messageId: MessageId): MessageDraft | undefined {
    const turn = this.turn(turnId)
    return turn && this.find(turn, "messages", (message) => message.messageId === messageId)
  }

  addPart(message: MessageDraft, part: MessageView["parts"][number]): void {
    this.owned.add(part)
    this.ownArray(message.parts, (copy) => (message.parts = copy)).push(part)
  }

  part(
    message: MessageDraft,
    matches: (part: MessageView["parts"][number]) => boolean
  ): Mutable<MessageView["parts"][number]> | undefined {
    const index = message.parts.findLastIndex(matches)
    if (index < 0) return undefined
    return this.ownElement(
      this.ownArray(message.parts, (copy) => (message.parts = copy)),
      index
    )
  }

  toolCall(message: MessageDraft, toolCallId: string): Mutable<ToolCallPart> | undefined {
    return this.part(message, (part) => part.type === "tool-call" && part.toolCallId === toolCallId) as
      | Mutable<ToolCallPart>
      | undefined
  }
}
