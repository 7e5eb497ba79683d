/** Takes what a generator runtime yields to its session, in steps that are opened and finished. */
import {
  type RuntimeOutput,
  type RuntimeStep,
  type StepFinish,
  type StepReport,
  StepReports
} from "@spillway/contracts/generator-runtime"
import type { RuntimeSession, SessionClosed, TurnInput } from "@spillway/runtime-ingestion"
import { Effect } from "effect"

type Writing = Effect.Effect<void, SessionClosed>

export class StepProgress {
  readonly #session: RuntimeSession
  readonly #model: string | null
  readonly #reports: StepReports
  #step: RuntimeStep | null = null

  constructor(session: RuntimeSession, input: TurnInput, model: string | null) {
    this.#session = session
    this.#model = model
    const last = input.turn.steps.at(-1)
    const message = input.turn.messages.findLast((message) => message.stepId === last?.stepId)
    if (last !== undefined && message !== undefined) {
      this.#step = { stepId: last.stepId, messageId: message.messageId, steering: [] }
    }
    this.#reports = new StepReports(input.turnId, input.nextStepIndex)
  }

  get step(): RuntimeStep | null {
    return this.#step
  }

  /** Finishes the step that is open and opens the next one, which is committed then. */
  readonly nextStep = Effect.suspend(() => Effect.map(this.#send(this.#reports.next()), () => this.#step!))

  /** Ends the model call of the open step, if one is open. */
  finish(finish: StepFinish = {}): Writing {
    return Effect.suspend(() => this.#send(this.#reports.finish(finish)))
  }

  write(output: RuntimeOutput): Writing {
    return this.#send(this.#reports.of(output))
  }

  #send(reports: ReadonlyArray<StepReport>): Writing {
    const [only, ...others] = reports
    if (only === undefined) return Effect.void
    return others.length === 0
      ? this.#report(only)
      : Effect.forEach(reports, (report) => this.#report(report), { discard: true })
  }

  #report(report: StepReport): Writing {
    if (report.type !== "step.open") return this.#session.emit(report)
    return Effect.map(this.#session.openStep({ model: this.#model }), (opened) => {
      this.#step = opened
    })
  }
}
