/**
 * Faults planted on purpose, each in another layer, to show that the comparison would find them there: a delta that never
 * reaches ingestion, a segment that a client folds twice, two segments of the log that changed places, a result that the read
 * model lost. One is planted per conversation that is played, at the first place that is fit for it.
 */
import type { ClientEvent, DataOf, LoggedEvent, ThreadView } from "@spillway/contracts"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Effect } from "effect"

export const breaks = ["drop-delta", "duplicate-segment", "swap-segments", "lose-tool-result"] as const
export type Break = (typeof breaks)[number]

/** What stands between one conversation's layers and whoever looks at them. */
export interface Faults {
  readonly runtime: (runtime: ProviderRuntime) => ProviderRuntime
  readonly clientEvents: (events: ReadonlyArray<ClientEvent>) => ReadonlyArray<ClientEvent>
  readonly log: (events: ReadonlyArray<LoggedEvent>) => ReadonlyArray<LoggedEvent>
  readonly readModel: (view: ThreadView) => ThreadView
  /** Whether the conversation had a place for the fault. */
  readonly planted: () => boolean
}

export const makeFaults = (which: Break | undefined): Faults => {
  let planted = false
  const once = (fits: boolean): boolean => {
    if (planted || !fits) return false
    planted = true
    return true
  }
  const through = <A>(value: A): A => value
  const none = { runtime: through, clientEvents: through, log: through, readModel: through }
  const faults = (): Omit<Faults, "planted"> => {
    switch (which) {
      case undefined:
        return none
      case "drop-delta":
        return { ...none, runtime: (runtime) => dropping(runtime, once) }
      case "duplicate-segment":
        return { ...none, clientEvents: duplicating(once) }
      case "swap-segments":
        return { ...none, log: (events) => swapped(events, once) }
      case "lose-tool-result":
        return { ...none, readModel: (view) => withoutResult(view, once) }
    }
  }
  return { ...faults(), planted: () => planted }
}

type Once = (fits: boolean) => boolean

/** Text whose loss shows. */
const isVisible = (text: string): boolean => text.trim() !== ""

const dropping = (runtime: ProviderRuntime, once: Once): ProviderRuntime => ({
  ...runtime,
  runTurn: (input, session) =>
    runtime.runTurn(input, {
      ...session,
      emit: (event) =>
        once(event.type === "text.delta" && isVisible(event.delta)) ? Effect.void : session.emit(event)
    })
})

/** What comes after the second copy moves one version on, so that the fold has no way to know better. */
const duplicating = (once: Once) => {
  let shift = 0
  return (events: ReadonlyArray<ClientEvent>): ReadonlyArray<ClientEvent> =>
    events.flatMap((event) => {
      const moved = { ...event, version: event.version + shift }
      if (!once(event.type === "thread.message-segment-appended" && isVisible(event.data.text)))
        return [moved]
      shift = 1
      return [moved, { ...event, version: event.version + shift }]
    })
}

type Segment = Extract<LoggedEvent, { readonly type: "thread.message-segment-appended" }>

/** Two neighbours of one part where there are two, else any two of the conversation. */
const swapped = (events: ReadonlyArray<LoggedEvent>, once: Once): ReadonlyArray<LoggedEvent> => {
  const segments = events.filter(
    (event): event is Segment => event.type === "thread.message-segment-appended"
  )
  const pair =
    pairIn(segments, (a, b) => a.partId === b.partId && a.messageId === b.messageId) ??
    pairIn(segments, () => true)
  if (pair === undefined || !once(true)) return events
  const [a, b] = pair
  const withText = (event: Segment, text: string): Segment => ({ ...event, data: { ...event.data, text } })
  return events.map((event) =>
    event === a ? withText(a, b.data.text) : event === b ? withText(b, a.data.text) : event
  )
}

type SegmentData = DataOf<"thread.message-segment-appended">

const pairIn = (segments: ReadonlyArray<Segment>, fits: (a: SegmentData, b: SegmentData) => boolean) => {
  for (const [i, a] of segments.entries()) {
    const b = segments[i + 1]
    if (b === undefined || !isVisible(a.data.text + b.data.text)) continue
    if (fits(a.data, b.data) && a.data.text + b.data.text !== b.data.text + a.data.text)
      return [a, b] as const
  }
  return undefined
}

const withoutResult = (view: ThreadView, once: Once): ThreadView => ({
  ...view,
  turns: view.turns.map((turn) => ({
    ...turn,
    messages: turn.messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) =>
        part.type === "tool-call" && once(turn.status === "completed" && part.status === "completed")
          ? { ...part, status: "open" as const, result: null, closedAtVersion: null }
          : part
      )
    }))
  }))
})
