/**
 * What ingestion and a runtime would do with a thread, at random: claim its turn, write text that is live first and durable later, call
 * tools, ask, end. Text is flushed before anything else is committed, as ingestion does it.
 */
import {
  assistantMessageIdOf,
  DEFAULT_TENANT,
  type LiveFrame,
  type MessageId,
  PartId,
  RequestId,
  type RuntimeCommand,
  sessionIdOf,
  type StepId,
  stepIdOf,
  type ThreadId,
  ToolCallId,
  type TurnId,
  type TurnOutcome
} from "@spillway/contracts"
import { Effect, Scope } from "effect"
import type { Seeded } from "./seeded.ts"
import type { ServerProcess } from "./ServerProcess.ts"

/** A part that is being written: so much of it is in the log, and this is not. */
interface Written {
  readonly turnId: TurnId
  readonly stepId: StepId
  readonly messageId: MessageId
  readonly partId: PartId
  readonly kind: "text" | "reasoning" | "tool-output"
  readonly toolCallId: ToolCallId | null
  /** Its turn streams: what is not in the log is shown to those who watch. */
  readonly isLive: boolean
  durable: number
  tail: string
}

const words = ["rain ", "on ", "the ", "weir, ", "ünïcode ", "🙂 ", "naïve\n\n", "Zürich ", "𝒳 "]

export class PlayedRuntime {
  readonly threadId: ThreadId
  readonly #chance: Seeded
  #server: ServerProcess
  #written: Array<Written> = []
  #count = 0
  #version = 0

  constructor(threadId: ThreadId, chance: Seeded, server: ServerProcess) {
    this.threadId = threadId
    this.#chance = chance
    this.#server = server
  }

  /** Goes on in this process. What was not flushed is lost, and what was running is put in order, as recovery does it. */
  recover(server: ServerProcess) {
    this.#server = server
    this.#written = []
    return Effect.gen({ self: this }, function* () {
      yield* server.lane
        .source(DEFAULT_TENANT, this.threadId, () => this.#tail())
        .pipe(Scope.provide(server.scope))
      const { active } = yield* this.#state
      if (active === null || active.session === null) return
      const { generation, sessionId } = active.session
      yield* this.#commit(
        Object.keys(active.pendingRequests).length > 0
          ? { type: "thread.session.close", sessionId, generation, reason: "parked" }
          : close(active.turnId, "interrupted")
      )
    })
  }

  /** Does one thing that the thread allows, or nothing. */
  get move() {
    return Effect.gen({ self: this }, function* () {
      const { active, generation, turns } = yield* this.#state
      if (active === null || Object.keys(active.pendingRequests).length > 0) return
      const { openStep, turnId } = active
      this.#written = this.#written.filter((part) => part.turnId === turnId)
      if (active.session === null) return yield* this.#commit(this.#claim(turnId, generation + 1))
      if (active.interruptRequested && this.#chance.percent(40)) return yield* this.end
      if (openStep === null) {
        if (this.#chance.percent(25)) return yield* this.end
        const stepId = stepIdOf(turnId, active.nextStepIndex)
        const steeredBy = active.steering.map(({ messageId }) => messageId)
        return yield* this.#commit(
          { type: "thread.step.open", turnId, stepId, steeredBy },
          openMessage(stepId)
        )
      }
      const isLive = turns[turnId]!.mode === "streaming"
      const message = Object.values(active.openMessages)[0]
      const call = Object.values(active.openToolCalls)[0]
      const pick = this.#chance.upTo(100)
      if (pick < 55 && message !== undefined) {
        const partId = this.#chance.percent(85)
          ? PartId.make("text")
          : PartId.make(`reasoning-${++this.#count}`)
        const kind = partId === "text" ? "text" : "reasoning"
        const durable = message.parts[partId]?.length ?? 0
        const { messageId } = message
        const part = { turnId, stepId: openStep, messageId, partId, kind, toolCallId: null } as const
        return this.#say({ ...part, isLive, durable })
      }
      if (pick < 65) return yield* this.#commit()
      if (pick < 72 && message !== undefined) return yield* this.#commit(this.#call(message.messageId))
      if (pick < 80 && call !== undefined) {
        const { messageId, outputLength: durable, stepId, toolCallId } = call
        const partId = PartId.make(`part-${toolCallId}`)
        const part = { turnId, stepId, messageId, partId, kind: "tool-output", toolCallId } as const
        return this.#say({ ...part, isLive, durable })
      }
      if (pick < 86 && call !== undefined) return yield* this.#commit(closeCall(call.toolCallId))
      if (pick < 89) return yield* this.#commit(this.#ask())
      if (pick < 92 && message !== undefined) return yield* this.#commit(closeMessage(message.messageId))
      if (pick < 97 && call === undefined && message === undefined)
        return yield* this.#commit(closeStep(openStep))
      if (pick >= 97) yield* this.end
    })
  }

  /** Ends the active turn. */
  get end() {
    return Effect.gen({ self: this }, function* () {
      const { active } = yield* this.#state
      if (active === null) return
      const outcome = this.#chance.oneOf(["completed", "completed", "failed", "interrupted"] as const)
      yield* this.#commit(close(active.turnId, outcome))
    })
  }

  get #state() {
    return Effect.suspend(() => this.#server.engine.state(DEFAULT_TENANT, this.threadId))
  }

  /** Flushes what was written, and these with it. A refusal means that the thread has moved on meanwhile: the next move sees it. */
  #commit(...commands: ReadonlyArray<RuntimeCommand>) {
    const flushed = this.#written.filter(({ tail }) => tail !== "")
    const batch = [...flushed.map(append), ...commands]
    const { threadId } = this
    return Effect.gen({ self: this }, function* () {
      if (batch.length === 0) return
      const outcome = yield* this.#server.engine.ingest({
        tenant: DEFAULT_TENANT,
        threadId,
        actor: "runtime:scripted",
        commands: batch,
        cursor: null
      })
      if (outcome._tag !== "Committed") return
      this.#version = outcome.state.version
      for (const part of flushed) {
        part.durable += part.tail.length
        part.tail = ""
      }
    })
  }

  #say(part: Omit<Written, "tail">): void {
    const isSame = (one: Written) => one.messageId === part.messageId && one.partId === part.partId
    let written = this.#written.find(isSame)
    if (written === undefined) this.#written.push((written = { ...part, tail: "" }))
    const text = this.#chance.oneOf(words) + ++this.#count + " "
    const offset = written.durable + written.tail.length
    written.tail += text
    if (part.isLive) this.#server.lane.publish(DEFAULT_TENANT, this.#frame(written, offset, text))
  }

  #tail(): ReadonlyArray<LiveFrame> {
    return this.#written
      .filter(({ isLive }) => isLive)
      .map((part) => this.#frame(part, part.durable, part.tail))
  }

  #frame({ kind, messageId, partId, stepId, turnId }: Written, offset: number, text: string): LiveFrame {
    const { threadId } = this
    return { threadId, turnId, stepId, messageId, partId, kind, offset, text, afterVersion: this.#version }
  }

  #claim(turnId: TurnId, generation: number): RuntimeCommand {
    return {
      type: "thread.session.open",
      turnId,
      sessionId: sessionIdOf(DEFAULT_TENANT, this.threadId),
      generation,
      runtime: "scripted",
      resumable: true,
      canSteer: this.#chance.percent(70)
    }
  }

  #call(messageId: MessageId): RuntimeCommand {
    const toolCallId = ToolCallId.make(`call-${++this.#count}`)
    return {
      type: "thread.tool-call.open",
      messageId,
      partId: PartId.make(`part-${toolCallId}`),
      toolCallId,
      name: "gauge",
      input: { river: "Isar" },
      inputTruncated: false,
      providerExecuted: false
    }
  }

  #ask(): RuntimeCommand {
    return {
      type: "thread.request.open",
      requestId: RequestId.make(`request-${++this.#count}`),
      toolCallId: null,
      kind: "approval",
      title: "May I?",
      questions: []
    }
  }
}

const append = ({ durable, kind, messageId, partId, tail, toolCallId }: Written): RuntimeCommand =>
  kind === "tool-output"
    ? {
        type: "thread.tool-call.output",
        toolCallId: toolCallId!,
        offset: durable,
        text: tail,
        truncated: false
      }
    : { type: "thread.message.append", messageId, partId, kind, offset: durable, text: tail }

const openMessage = (stepId: StepId): RuntimeCommand => ({
  type: "thread.message.open",
  messageId: assistantMessageIdOf(stepId, 0),
  stepId,
  runtime: "scripted",
  model: null
})

const closeMessage = (messageId: MessageId): RuntimeCommand => ({
  type: "thread.message.close",
  messageId,
  status: "completed",
  error: null
})

const closeStep = (stepId: StepId): RuntimeCommand => ({
  type: "thread.step.close",
  stepId,
  usage: { outputTokens: 1 },
  finishReason: "stop",
  responseId: null
})

const closeCall = (toolCallId: ToolCallId): RuntimeCommand => ({
  type: "thread.tool-call.close",
  toolCallId,
  status: "completed",
  result: { level: 3 },
  resultTruncated: false,
  error: null
})

const close = (turnId: TurnId, outcome: TurnOutcome): RuntimeCommand => ({
  type: "thread.turn.close",
  turnId,
  outcome,
  reason: outcome === "completed" ? "end" : "played",
  error: outcome === "failed" ? { code: "Played", message: "It was played so." } : null
})
