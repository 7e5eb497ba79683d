/** Where the delivery modes cut text into durable segments. One cut belongs to one part. */
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
  readonly spill: number
  readonly streamingSegment: number
  readonly streamingAge: number
  readonly paragraphInterval: number
}

export const DEFAULT_CUT_LIMITS: CutLimits = {
  spill: SPILL_LIMIT,
  streamingSegment: STREAMING_SEGMENT_LIMIT,
  streamingAge: STREAMING_SEGMENT_AGE,
  paragraphInterval: PARAGRAPH_INTERVAL
}

export interface DeliveryCut {
  /** Whether the text is seen on the live lane before it is durable. */
  readonly live: boolean
  /** How many waiting code units are to be cut off now; 0 for none. */
  units(buffer: TextBuffer, now: number): number
  /** When `units` may rise above 0 without new text, in milliseconds; `null` if it won't. */
  deadline(buffer: TextBuffer): number | null
  /** New text, as it is pushed. */
  observe(text: string): void
  /** So much was taken. */
  cut(units: number, now: number): void
}

const nothing = (): void => {}

export const makeCut = (mode: DeliveryMode, limits: CutLimits): DeliveryCut => {
  const spilled = (buffer: TextBuffer) => (buffer.waiting > limits.spill ? buffer.waiting : 0)
  switch (mode) {
    case "buffered":
      return { live: false, units: spilled, deadline: () => null, observe: nothing, cut: nothing }
    case "streaming": {
      const due = (buffer: TextBuffer) => (buffer.firstAt === null ? null : buffer.firstAt + limits.streamingAge)
      return {
        live: true,
        units: (buffer, now) => {
          const at = due(buffer)
          const old = at !== null && at <= now
          return old || buffer.waiting >= limits.streamingSegment ? buffer.waiting : spilled(buffer)
        },
        deadline: due,
        observe: nothing,
        cut: nothing
      }
    }
    case "paragraph": {
      const scanner = new ParagraphScanner()
      let next = Number.NEGATIVE_INFINITY
      return {
        live: false,
        units: (buffer, now) => (scanner.boundary > 0 && now >= next ? scanner.boundary : spilled(buffer)),
        deadline: () => (scanner.boundary > 0 ? next : null),
        observe: (text) => scanner.push(text),
        cut: (units, now) => {
          scanner.cut(units)
          next = now + limits.paragraphInterval
        }
      }
    }
  }
}
