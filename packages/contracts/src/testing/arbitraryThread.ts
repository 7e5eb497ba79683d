/** Random histories of a thread, as the log may hold them: several turns, interleaved messages, retries, steering, a queue. */
import fc from "fast-check"
import { assistantMessageIdOf, type MessageId, PartId, stepIdOf, ToolCallId, TurnId } from "../Ids.ts"
import type { ThreadEvent } from "../ThreadEvent.ts"
import * as e from "./threadEvents.ts"

interface Roll {
  readonly pick: number
  readonly text: string
}

interface OpenMessage {
  readonly messageId: MessageId
  readonly index: number
  readonly lengths: Map<string, number>
}

/** What a turn that runs has open. */
interface Running {
  readonly turn: string
  steps: number
  open: boolean
  attempts: number
  messages: Array<OpenMessage>
  calls: Array<{ readonly id: string; readonly message: OpenMessage; length: number }>
  requests: Array<string>
  steering: Array<string>
}

/** Plays rolls; each adds a few events that may stand where it comes. */
class Play {
  readonly events: Array<ThreadEvent> = [e.created]
  private readonly retryable: Array<{ readonly turn: string; readonly ask: MessageId }> = []
  private readonly asks = new Map<string, MessageId>()
  private queue: Array<string> = []
  private active: Running | undefined
  private ids = 0

  roll({ pick, text }: Roll): void {
    const moves = this.active === undefined ? this.idleMoves() : this.busyMoves(this.active, text)
    moves[pick % moves.length]!()
  }

  private idleMoves(): ReadonlyArray<() => void> {
    return [
      () => this.ask(),
      () => this.ask(),
      () => this.retry(),
      () => this.events.push({ type: "thread.archived", data: {} }, { type: "thread.unarchived", data: {} }),
      () => this.events.push({ type: "thread.updated", data: { title: this.id("title") } })
    ]
  }

  private busyMoves(active: Running, text: string): ReadonlyArray<() => void> {
    const message = active.messages[text.length % Math.max(active.messages.length, 1)]
    const call = active.calls[0]
    return [
      ...(active.open
        ? [() => this.open(active), () => this.closeStep(active)]
        : [() => this.step(active), () => this.step(active)]),
      ...(message === undefined
        ? []
        : [
            () => this.write(active, message, "text", text),
            () => this.write(active, message, "text", text),
            () => this.write(active, message, "reasoning", text),
            () => this.call(active, message),
            () => this.close(active, message, text)
          ]),
      ...(call === undefined ? [] : [() => this.print(active, call, text), () => this.answer(active, call)]),
      () => this.ask(),
      () => this.retry(),
      () => this.steer(active),
      () => this.request(active),
      () => this.resolve(active),
      () => this.remark(active),
      () => this.end(active, text)
    ]
  }

  private id(name: string): string {
    return `${name}-${this.ids++}`
  }

  private begin(turn: string, front = false): void {
    if (this.active !== undefined) {
      this.events.push(e.queued(turn, { front }))
      if (front) this.queue.unshift(turn)
      else this.queue.push(turn)
      return
    }
    this.events.push(e.started(turn))
    this.queue = this.queue.filter((waiting) => waiting !== turn)
    this.active = {
      turn,
      steps: 0,
      open: false,
      attempts: 0,
      messages: [],
      calls: [],
      requests: [],
      steering: []
    }
  }

  private ask(): void {
    const turn = this.id("turn")
    const system = this.ids % 5 === 0
    this.asks.set(turn, e.askOf(turn))
    this.events.push(e.requested(turn), e.sent(turn, { role: system ? "system" : "user" }))
    this.begin(turn, this.ids % 3 === 0)
  }

  private retry(): void {
    const old = this.retryable.shift()
    if (old === undefined) return
    const turn = this.id("turn")
    this.asks.set(turn, old.ask)
    this.events.push(e.requested(turn, { retryOf: TurnId.make(old.turn), messageId: old.ask }))
    this.begin(turn)
  }

  private steer(active: Running): void {
    const next = this.id("turn")
    this.asks.set(next, e.askOf(next))
    this.events.push(e.sent(next, { turnId: TurnId.make(active.turn) }), e.steered(active.turn, next))
    active.steering.push(next)
  }

  private step(active: Running): void {
    this.events.push(e.stepOpened(active.turn, active.steps++, active.steering.map(e.askOf)))
    active.open = true
    active.attempts = 0
    active.steering = []
    this.open(active)
  }

  private open(active: Running): void {
    const index = active.steps - 1
    const attempt = active.attempts++
    this.events.push(e.opened(active.turn, index, attempt))
    const messageId = assistantMessageIdOf(stepIdOf(TurnId.make(active.turn), index), attempt)
    active.messages.push({ messageId, index, lengths: new Map() })
  }

  private closeStep(active: Running): void {
    this.events.push(e.stepClosed(active.turn, active.steps - 1))
    active.open = false
  }

  private addressOf({ index, messageId }: OpenMessage, turn: string) {
    return { messageId, stepId: stepIdOf(TurnId.make(turn), index) }
  }

  private write({ turn }: Running, message: OpenMessage, kind: "text" | "reasoning", text: string): void {
    const partId = PartId.make(`${kind}-${text.length % 2}`)
    const offset = message.lengths.get(partId) ?? 0
    message.lengths.set(partId, offset + text.length)
    this.events.push(e.segment(turn, text, { ...this.addressOf(message, turn), partId, kind, offset }))
  }

  private call(active: Running, message: OpenMessage): void {
    const id = this.id("call")
    active.calls.push({ id, message, length: 0 })
    this.events.push(e.called(active.turn, id, this.addressOf(message, active.turn)))
  }

  private print({ turn }: Running, call: Running["calls"][number], text: string): void {
    this.events.push(
      e.printed(turn, call.id, text, { ...this.addressOf(call.message, turn), offset: call.length })
    )
    call.length += text.length
  }

  private answer(active: Running, call: Running["calls"][number]): void {
    active.calls = active.calls.filter((open) => open !== call)
    this.events.push(e.answered(active.turn, call.id, this.addressOf(call.message, active.turn)))
  }

  private close(active: Running, message: OpenMessage, text: string): void {
    active.messages = active.messages.filter((open) => open !== message)
    const statuses = ["completed", "interrupted", "error"] as const
    const status = message.lengths.size === 0 ? "discarded" : statuses[text.length % statuses.length]!
    const error = status === "error" ? { code: "Broken", message: text } : null
    this.events.push(e.closed(active.turn, { ...this.addressOf(message, active.turn), status, error }))
  }

  private request(active: Running): void {
    const id = this.id("request")
    active.requests.push(id)
    this.events.push(e.asked(active.turn, id))
  }

  private resolve(active: Running): void {
    const id = active.requests.shift()
    if (id !== undefined) this.events.push(e.resolved(active.turn, id), e.taken(active.turn, id))
  }

  private remark({ turn }: Running): void {
    const activity = { type: "notice", level: "info", text: this.id("notice") } as const
    this.events.push({ type: "thread.activity-recorded", data: { turnId: TurnId.make(turn), activity } })
  }

  private end(active: Running, text: string): void {
    for (const call of active.calls) {
      const error = { code: "Interrupted", message: "Cut off." }
      const address = this.addressOf(call.message, active.turn)
      this.events.push(
        e.answered(active.turn, ToolCallId.make(call.id), {
          ...address,
          status: "error",
          result: null,
          error
        })
      )
    }
    for (const message of active.messages) this.close(active, message, text)
    if (active.open) this.closeStep(active)
    for (const id of active.requests) this.events.push(e.withdrawn(active.turn, id))
    const outcome = (["completed", "failed", "interrupted"] as const)[text.length % 3]!
    this.events.push(e.ended(active.turn, outcome))
    if (outcome !== "completed") this.retryable.push({ turn: active.turn, ask: this.asks.get(active.turn)! })
    for (const next of active.steering) {
      this.events.push(e.requested(next), e.queued(next, { because: "left-over" }))
      this.queue.push(next)
    }
    this.active = undefined
    const next = this.queue[0]
    if (next !== undefined) this.begin(next)
  }
}

const arbitraryRoll: fc.Arbitrary<Roll> = fc.record({
  pick: fc.nat(999),
  text: fc.constantFrom("a", "bc", " ", "def ", "\n", "👋", "hello")
})

export const arbitraryThread: fc.Arbitrary<ReadonlyArray<ThreadEvent>> = fc
  .array(arbitraryRoll, { maxLength: 90, size: "max" })
  .map((rolls) => {
    const play = new Play()
    for (const roll of rolls) play.roll(roll)
    return play.events
  })
