/**
 * Which event ends what was asked for. In the ordinary case it is the end of the turn of that id; a message that steered another turn
 * ends with that one, unless it was left over, when it becomes a turn after all. Pure.
 */
import { type ClientEvent, isTurnEnd, type MessageId, type TurnId } from "@spillway/contracts"

export class TurnWatch {
  readonly #turnId: TurnId
  readonly #messageId: MessageId
  #awaited: TurnId
  #takenIn = false

  constructor(turnId: TurnId, messageId: MessageId) {
    this.#turnId = turnId
    this.#messageId = messageId
    this.#awaited = turnId
  }

  /** True when `event` is the last of it. */
  isEnd(event: ClientEvent): boolean {
    if (event.type === "thread.deleted") return true
    if (event.type === "thread.turn-steered" && event.data.nextTurnId === this.#turnId) {
      this.#awaited = event.data.turnId
    }
    if (event.type === "thread.step-opened" && event.data.steeredBy.includes(this.#messageId))
      this.#takenIn = true
    if (!isTurnEnd(event) || event.data.turnId !== this.#awaited) return false
    if (this.#awaited === this.#turnId || this.#takenIn) return true
    this.#awaited = this.#turnId
    return false
  }
}
