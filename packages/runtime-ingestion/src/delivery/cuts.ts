/** Where the delivery modes cut text into durable segments. */
import {
  type DeliveryMode,
  PARAGRAPH_INTERVAL,
  SPILL_LIMIT,
  STREAMING_SEGMENT_AGE,
  STREAMING_SEGMENT_LIMIT
} from "@spillway/contracts"
import { ParagraphScanner } from "./ParagraphScanner.ts"
import type { TextBuffer } from "./TextBuffer.ts"

/** Lengths in UTF-16 code units, times in milliseconds. */
export interface CutLimits {
  /** In every mode, a buffer that grows past this is flushed whole. */
  readonly spill: number
  /** In `streaming`, a segment is cut at this length … */
  readonly streamingSegment: number
  /** … or when its oldest text has waited this long. */
  readonly streamingAge: number
  /** In `paragraph`, cuts are at least this far apart. */
  readonly paragraphInterval: number
}

export const DEFAULT_CUT_LIMITS: CutLimits = {
  spill: SPILL_LIMIT,
  streamingSegment: STREAMING_SEGMENT_LIMIT,
  streamingAge: STREAMING_SEGMENT_AGE,
  paragraphInterval: PARAGRAPH_INTERVAL
}

/** How one mode cuts one part. Told of all text by `observe`, and of all that is taken by `cut`, also at boundaries. */
export interface DeliveryCut {
  /** Whether the text is seen on the live lane before it is durable. */
  readonly live: boolean
  /** How many waiting code units are to be cut off now; 0 for none. */
  units(buffer: TextBuffer, now: number): number
  /** When `units` may rise above 0 without new text, in milliseconds; `null` if it won't. */
  deadline(buffer: TextBuffer): number | null
  /** New text, as it is pushed. */
  observe(text: string): void
  /** So many code units were taken. */
  cut(units: number, now: number): void
}

/** A cut remembers what it has seen: each part has its own. */
export const makeCut = (mode: DeliveryMode, limits: CutLimits): DeliveryCut => {
  switch (mode) {
    case "buffered":
      return buffered(limits)
    case "streaming":
      return streaming(limits)
    case "paragraph":
      return paragraph(limits)
  }
}

const spilled = (buffer: TextBuffer, { spill }: CutLimits): number =>
  buffer.waiting > spill ? buffer.waiting : 0

/** Whether a cut that is due comes from the limit that holds in every mode, and not from the mode. */
export const isSpill = (mode: DeliveryMode, buffer: TextBuffer, limits: CutLimits): boolean =>
  buffer.waiting > limits.spill && (mode !== "streaming" || buffer.waiting < limits.streamingSegment)

const nothing = (): void => {}

/** Text that is seen live and never cut: something else makes it durable, whole. */
export const uncut: DeliveryCut = {
  live: true,
  units: () => 0,
  deadline: () => null,
  observe: nothing,
  cut: nothing
}

const buffered = (limits: CutLimits): DeliveryCut => ({
  live: false,
  units: (buffer) => spilled(buffer, limits),
  deadline: () => null,
  observe: nothing,
  cut: nothing
})

const streaming = (limits: CutLimits): DeliveryCut => {
  const deadline = (buffer: TextBuffer): number | null =>
    buffer.firstAt === null ? null : buffer.firstAt + limits.streamingAge
  return {
    live: true,
    units: (buffer, now) => {
      const due = deadline(buffer)
      const isDue = due !== null && now >= due
      return isDue || buffer.waiting >= limits.streamingSegment ? buffer.waiting : spilled(buffer, limits)
    },
    deadline,
    observe: nothing,
    cut: nothing
  }
}

const paragraph = (limits: CutLimits): DeliveryCut => {
  const scanner = new ParagraphScanner()
  let notBefore = 0
  return {
    live: false,
    units: (buffer, now) => spilled(buffer, limits) || (now >= notBefore ? scanner.boundary : 0),
    deadline: () => (scanner.boundary > 0 ? notBefore : null),
    observe: (text) => scanner.push(text),
    cut: (units, now) => {
      scanner.cut(units)
      notBefore = now + limits.paragraphInterval
    }
  }
}
