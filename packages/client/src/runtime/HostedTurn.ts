/**
 * One turn that this process runs: its generator, and what that yielded on its way to the server. A lost connection stops nothing here;
 * what was not durable is sent again.
 */
import type { RequestId, RequestResponse } from "@spillway/contracts"
import {
  type Ask,
  failureOf,
  type GeneratorRun,
  type Pulled,
  PulledGenerator,
  type Question,
  type RuntimeOutput,
  type RuntimeStep,
  type RuntimeTurn,
  type StepReport,
  StepReports
} from "@spillway/contracts/generator-runtime"
import type { Reported, RuntimeServerFrame, RuntimeServerFrameOf } from "@spillway/contracts/runtime-protocol"
import { UnackedReports } from "./UnackedReports.ts"

type Start = RuntimeServerFrameOf<"start">
type SessionFrame = Extract<RuntimeServerFrame, { readonly sessionId: string; readonly generation: number }>

export interface HostedTurnOptions {
  readonly start: Start
  readonly run: GeneratorRun
  readonly model: string | null
  /** It has something to send. */
  readonly onReports: () => void
  readonly onEnd: () => void
}

/** Reports go out as fast as the generator yields them, unless the server holds them back. */
export class HostedTurn {
  readonly reports: UnackedReports
  readonly address: { readonly sessionId: Start["sessionId"]; readonly generation: number }
  readonly #options: HostedTurnOptions
  readonly #steps: StepReports
  readonly #abort = new AbortController()
  readonly #answers = new Map<string, Deferred<RequestResponse>>()
  readonly #ended = makeDeferred<void>()
  #step: RuntimeStep | null = null
  #opening: { readonly index: number; readonly opened: Deferred<RuntimeStep> } | null = null
  #nextStepIndex: number
  #hasSteering = false
  #asked = 0
  #isInterrupted = false
  #isOver = false

  constructor(options: HostedTurnOptions) {
    const { generation, sessionId, through, turn, until } = options.start
    this.#options = options
    this.address = { sessionId, generation }
    this.reports = new UnackedReports(through, until)
    this.#steps = new StepReports(turn.turnId, turn.nextStepIndex)
    this.#nextStepIndex = turn.nextStepIndex
    const last = turn.turn.steps.at(-1)
    const message = turn.turn.messages.findLast(({ stepId }) => stepId !== null && stepId === last?.stepId)
    if (last !== undefined && message !== undefined) {
      this.#step = { stepId: last.stepId, messageId: message.messageId, steering: [] }
    }
    // Of a turn that nobody waits for any more.
    this.#ended.promise.catch(() => {})
  }

  /** Runs the turn to its end. Never rejects. */
  async play(): Promise<void> {
    try {
      await this.#play()
    } catch (error) {
      if (!this.#isOver) await this.#report([...this.#steps.finish({ finishReason: "error" })])
      if (!this.#isOver) this.#put({ type: "turn.failed", error: failureOf(error) })
    }
  }

  onFrame(frame: SessionFrame): void {
    switch (frame.type) {
      case "ack":
        return this.reports.ack(frame.through, frame.until)
      case "attached":
        this.reports.ack(frame.through, frame.until)
        this.reports.attached(frame.received)
        return this.#options.onReports()
      case "step-opened":
        return this.#stepOpened(frame)
      case "respond":
        this.#answers.get(frame.requestId)?.resolve(frame.response)
        return
      case "steer":
        this.#hasSteering = true
        return
      case "interrupt":
        return this.#interrupt()
      case "ended":
      case "fenced":
        return this.end()
      default:
        return
    }
  }

  /** This process goes: the turn's end, for which the server need not wait. */
  leave(): void {
    this.reports.put(leaving)
  }

  /** The session is over: whatever runs is stopped, and what it still says is for nobody. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.reports.close()
    this.#stop()
    this.#ended.resolve()
    this.#options.onEnd()
  }

  async #play(): Promise<void> {
    const { start, run } = this.#options
    if (start.turn.nextStepIndex === 0) await this.#nextStep()
    const generator = new PulledGenerator(run(this.#turn()))
    const abandoned = this.#ended.promise.then(() => generator.abandon())
    const returned = await this.#drain(generator)
    if (this.#isOver) return abandoned
    if (this.#isInterrupted) {
      await this.#report(this.#steps.finish({ finishReason: "aborted" }))
      return this.#put({ type: "turn.aborted" })
    }
    await this.#report(this.#steps.finish())
    this.#put({
      type: "turn.completed",
      ...(returned?.reason === undefined ? {} : { reason: returned.reason })
    })
  }

  /** Takes what it yields until it returns, or has been stopped. */
  async #drain(generator: PulledGenerator): Promise<{ readonly reason?: string } | void> {
    const stopped = new Promise<"stopped">((resolve) =>
      this.#abort.signal.addEventListener("abort", () => resolve("stopped"), { once: true })
    )
    let pulled: Pulled | "stopped" = await Promise.race([generator.next(), stopped])
    while (pulled !== "stopped" && pulled.done !== true) {
      generator.taken()
      await this.#take(pulled.value)
      pulled = await Promise.race([generator.next(), stopped])
    }
    if (pulled !== "stopped") return pulled.value
    if (this.#isOver) return
    try {
      let last = await generator.stop()
      while (last.done !== true && !this.#isOver) {
        generator.taken()
        await this.#take(last.value)
        last = await generator.nextOfStopped(last.value)
      }
    } catch {
      // As a rule the signal's own reason.
    }
  }

  async #take(output: RuntimeOutput): Promise<void> {
    await this.#report(this.#steps.of(output))
  }

  /** Sends them in order; behind the opening of a step, once it is open. */
  async #report(reports: ReadonlyArray<StepReport>): Promise<void> {
    for (const report of reports) {
      await this.reports.room()
      if (this.#isOver) return
      if (report.type !== "step.open") {
        this.#put(report)
        continue
      }
      const opening = { index: this.#nextStepIndex++, opened: makeDeferred<RuntimeStep>() }
      this.#opening = opening
      this.#put({ type: "step.open", model: this.#options.model })
      await Promise.race([opening.opened.promise, this.#ended.promise])
    }
  }

  #put(report: Reported): void {
    this.reports.put(report)
    this.#options.onReports()
  }

  async #nextStep(): Promise<RuntimeStep> {
    await this.#report(this.#steps.next())
    if (this.#isOver) throw stopped()
    return this.#step!
  }

  #stepOpened({ messageId, steering, stepId }: RuntimeServerFrameOf<"step-opened">): void {
    const index = Number(stepId.slice(stepId.lastIndexOf("#") + 1))
    // The one before comes again where a connection was lost.
    if (this.#opening === null || index < this.#opening.index) return
    const { opened } = this.#opening
    this.#opening = null
    this.#nextStepIndex = index + 1
    this.#hasSteering = false
    this.#step = { stepId, messageId, steering }
    opened.resolve(this.#step)
  }

  #interrupt(): void {
    if (this.#isInterrupted) return
    this.#isInterrupted = true
    this.#stop()
  }

  #stop(): void {
    this.#abort.abort(stopped())
    for (const answer of this.#answers.values()) answer.reject(stopped())
    this.#answers.clear()
  }

  #turn(): RuntimeTurn {
    const { choice, history, prompt, threadId, turn, turnId } = this.#options.start.turn
    const { signal } = this.#abort
    const current = { step: () => this.#step }
    return {
      threadId,
      turnId,
      prompt,
      history,
      choice,
      turn,
      signal,
      get step() {
        return current.step()
      },
      nextStep: async () => {
        signal.throwIfAborted()
        return this.#nextStep()
      },
      ask: ((question: Question) => this.#ask(question)) as Ask,
      hasSteering: () => this.#hasSteering
    }
  }

  async #ask({ requestId: given, toolCallId, ...question }: Question): Promise<RequestResponse> {
    this.#abort.signal.throwIfAborted()
    const { turnId } = this.#options.start.turn
    const requestId = (given ?? `${turnId}/request/${this.#asked++}`) as RequestId
    const answer = makeDeferred<RequestResponse>()
    this.#answers.set(requestId, answer)
    await this.#report([
      {
        type: "request.opened",
        requestId,
        ...question,
        ...(toolCallId === undefined ? {} : { toolCallId: toolCallId as never })
      }
    ])
    try {
      return await answer.promise
    } finally {
      this.#answers.delete(requestId)
    }
  }
}

/** What a process reports of turns that it can't finish. */
export const leaving = {
  type: "session.exited",
  error: {
    code: "RuntimeStopped",
    message: "The process that ran this turn was stopped. Retry the turn.",
    retryable: true
  }
} as const

const stopped = () => new DOMException("The turn was stopped.", "AbortError")

interface Deferred<A> {
  readonly promise: Promise<A>
  readonly resolve: (value: A) => void
  readonly reject: (error: unknown) => void
}

/** A promise to be kept by somebody else, who may break it before anybody waits. */
const makeDeferred = <A>(): Deferred<A> => {
  let resolve: (value: A) => void
  let reject: (error: unknown) => void
  const promise = new Promise<A>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}
