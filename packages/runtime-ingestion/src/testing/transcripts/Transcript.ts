/**
 * What an agent and its client said to each other, line by line, and what a thread makes of it. A translator knows one protocol and
 * nothing of threads: lines go in, cues come out, in order.
 */
import type { ProviderRuntimeEvent, RequestId, RequestResponse } from "@spillway/contracts"

/** One message on the wire. Where it was not JSON, `message` is the text as it came. */
export interface Line {
  readonly from: "client" | "agent"
  readonly message: unknown
}

/** What happens next: the runtime reports something, or a person does something. */
export type Cue =
  | { readonly type: "prompt"; readonly text: string }
  | { readonly type: "event"; readonly event: ProviderRuntimeEvent }
  /** The runtime says that a model call begins: it takes the steering messages in. */
  | { readonly type: "open-step" }
  | { readonly type: "answer"; readonly requestId: RequestId; readonly response: RequestResponse }
  | { readonly type: "interrupt" }
  | { readonly type: "steer"; readonly text: string }

export interface Translator {
  readonly line: (line: Line) => ReadonlyArray<Cue>
  /** The transcript ends here: a turn that is not over lost its runtime. */
  readonly end: () => ReadonlyArray<Cue>
}

export interface TranslatorOptions {
  /** Names the connection. Runtimes count their requests from 0 in each one; a thread never sees an id twice. */
  readonly connection: string
  /** The session to listen to, where one bus carries several. Absent: there is only one. */
  readonly session?: string
}

export type MakeTranslator = (options: TranslatorOptions) => Translator

/** A turn of a transcript: what was asked, and what followed until the next thing was asked. */
export interface RecordedTurn {
  readonly prompt: string
  readonly cues: ReadonlyArray<Cue>
}

export const emit = (...events: ReadonlyArray<ProviderRuntimeEvent>): ReadonlyArray<Cue> =>
  events.map((event) => ({ type: "event", event }))

/** A line that is no JSON is told, and the next one is read. */
export const unreadable: ReadonlyArray<Cue> = emit({
  type: "notice",
  level: "warning",
  text: "The agent wrote a line that is not JSON."
})

/** Reads a transcript of one JSON object a line, `{ dir, msg }`. */
export const readTranscript = (text: string): ReadonlyArray<Line> =>
  text.split("\n").flatMap((line): ReadonlyArray<Line> => {
    if (line.trim() === "") return []
    try {
      const { dir, msg } = JSON.parse(line) as { readonly dir: string; readonly msg: unknown }
      return [{ from: dir.startsWith("client") ? "client" : "agent", message: msg }]
    } catch {
      return [{ from: "agent", message: line }]
    }
  })

/** The turns of a transcript. What was said before the first prompt belongs to the first turn. */
export const translate = (
  translator: Translator,
  lines: ReadonlyArray<Line>
): ReadonlyArray<RecordedTurn> => {
  const turns: Array<{ prompt: string; cues: Array<Cue> }> = []
  const before: Array<Cue> = []
  for (const cue of [...lines.flatMap(translator.line), ...translator.end()]) {
    if (cue.type === "prompt") turns.push({ prompt: cue.text, cues: turns.length === 0 ? before : [] })
    else (turns.at(-1)?.cues ?? before).push(cue)
  }
  return turns
}
