/**
 * A thread's events and live frames as a person likes to read them while they come: the assistant's text as it grows, reasoning dim,
 * tool calls with their results, requests with the way to answer them. Text that came live is not printed again when it comes from the
 * log: each part is printed up to a length, and only what is beyond it is new. Pure: texts out, nothing written.
 */
import type { ClientEvent, Failure, LiveFrame, Usage } from "@spillway/contracts"
import type { Styles } from "./output.ts"

/** A tool's input or result is cut here; `--json` has all of it. */
const VALUE_LENGTH = 400

export class TurnPrinter {
  readonly #styles: Styles
  /** Characters printed of each part. */
  readonly #printed = new Map<string, number>()
  readonly #toolNames = new Map<string, string>()
  #usage = { steps: 0, input: 0, output: 0 }
  /** What the last line belongs to; a new part begins on a line of its own. */
  #current: string | undefined
  #atLineStart = true

  constructor(styles: Styles) {
    this.#styles = styles
  }

  live(frame: LiveFrame): string {
    if (frame.kind !== "text" && frame.kind !== "reasoning") return ""
    return this.#text(`${frame.messageId} ${frame.partId}`, frame.kind, frame.offset, frame.text)
  }

  event(event: ClientEvent): string {
    const { bold, dim, green, red, yellow } = this.#styles
    switch (event.type) {
      case "thread.message-segment-appended": {
        const { kind, messageId, offset, partId, text } = event.data
        return this.#text(`${messageId} ${partId}`, kind, offset, text)
      }
      case "thread.tool-call-opened":
        this.#toolNames.set(event.data.toolCallId, event.data.name)
        return this.#line(`${bold(event.data.name)} ${dim(shown(event.data.input))}`)
      case "thread.tool-call-output-appended":
        return this.#text(
          `${event.data.messageId} ${event.data.toolCallId}`,
          "reasoning",
          event.data.offset,
          event.data.text
        )
      case "thread.tool-call-closed": {
        const { error, result, status, toolCallId } = event.data
        const name = dim(`→ ${this.#toolNames.get(toolCallId) ?? toolCallId}`)
        if (status === "completed") return this.#line(`${name} ${shown(result)}`)
        return this.#line(`${name} ${red(status)}${error === null ? "" : ` ${error.message}`}`)
      }
      case "thread.message-closed":
        // What failed is told at the end of the turn.
        return event.data.status === "interrupted" ? this.#line(dim("(cut off)")) : this.endLine()
      case "thread.step-closed":
        this.#count(event.data.usage)
        return this.endLine()
      case "thread.request-opened": {
        const { questions, title } = event.data
        const asked = questions.map(({ id, options, question }) =>
          this.#line(`  ${id}: ${question}${options === undefined ? "" : dim(` (${options.join(", ")})`)}`)
        )
        return this.#line(`${yellow("?")} ${title}`) + asked.join("")
      }
      case "thread.request-resolved":
        return this.#line(dim(`answered: ${answerText(event.data.response)}`))
      case "thread.request-withdrawn":
        return this.#line(dim(`withdrawn: ${event.data.reason}`))
      case "thread.turn-queued":
        return this.#line(dim(queuedText[event.data.because]))
      case "thread.turn-steered":
        return this.#line(dim("a message for the running turn"))
      case "thread.activity-recorded": {
        const { activity } = event.data
        return activity.type === "notice" ? this.#line(dim(activity.text)) : ""
      }
      case "thread.turn-completed":
        return this.#line(`${green("✓")} completed${this.#usageText()}`)
      case "thread.turn-interrupted":
        return this.#line(`${yellow("■")} interrupted (${event.data.reason})${this.#usageText()}`)
      case "thread.turn-failed":
        return this.#line(`${red("✗")} failed: ${failureText(event.data.error)}${this.#usageText()}`)
      default:
        return ""
    }
  }

  /** What of a part's text was not printed yet. Text beyond a gap waits for the event that fills it. */
  #text(part: string, kind: "text" | "reasoning", offset: number, text: string): string {
    const printed = this.#printed.get(part) ?? 0
    const end = offset + text.length
    if (offset > printed || end <= printed) return ""
    this.#printed.set(part, end)
    const fresh = text.slice(printed - offset)
    const begin = this.#current === part ? "" : this.endLine()
    this.#current = part
    this.#atLineStart = fresh.endsWith("\n")
    return begin + (kind === "reasoning" ? this.#styles.dim(fresh) : fresh)
  }

  #line(text: string): string {
    const begin = this.endLine()
    return `${begin}${text}\n`
  }

  /** So that what others print begins on a line of its own. */
  endLine(): string {
    this.#current = undefined
    if (this.#atLineStart) return ""
    this.#atLineStart = true
    return "\n"
  }

  #count(usage: Usage): void {
    const { input, output, steps } = this.#usage
    this.#usage = {
      steps: steps + 1,
      input: input + (usage.inputTokens ?? 0),
      output: output + (usage.outputTokens ?? 0)
    }
  }

  #usageText(): string {
    const { input, output, steps } = this.#usage
    this.#usage = { steps: 0, input: 0, output: 0 }
    if (steps === 0) return ""
    const tokens = input + output === 0 ? "" : `, ${input} tokens in, ${output} out`
    return this.#styles.dim(`  ${steps} ${steps === 1 ? "step" : "steps"}${tokens}`)
  }
}

const queuedText = {
  busy: "waits for the turns before it",
  "cannot-steer": "waits: the running turn takes no messages",
  "left-over": "waits: the running turn ended without taking the message"
}

const failureText = (error: Failure | null) =>
  error === null ? "failed" : `${error.message} (${error.code})`

const answerText = (
  response: Extract<ClientEvent, { type: "thread.request-resolved" }>["data"]["response"]
) => (response.type === "approval" ? response.decision : shown(response.answers))

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text
}
