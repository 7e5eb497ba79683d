/** The lines of a body, as they come: whoever takes them slowly makes the client wait. */
import type { IncomingMessage } from "node:http"

/** A line is longer than it may be. */
export class LineTooLong extends Error {
  readonly _tag = "LineTooLong"
}

/** Without their ends, and without empty ones. The last one may lack its end; one that broke off with the connection is not given. */
export async function* linesOf(
  request: IncomingMessage,
  limit: number
): AsyncGenerator<Buffer, void, undefined> {
  let begun: Array<Buffer> = []
  let length = 0
  const line = (end: Buffer): Buffer => {
    const whole = begun.length === 0 ? end : Buffer.concat([...begun, end])
    begun = []
    length = 0
    return whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole
  }
  // Whoever stops half-way may have an answer to give.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      const whole = line(chunk.subarray(from, to))
      if (whole.length > limit) throw new LineTooLong()
      if (whole.length > 0) yield whole
      from = to + 1
    }
    if (from === chunk.length) continue
    begun.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > limit) throw new LineTooLong()
  }
  const last = line(Buffer.alloc(0))
  if (last.length > 0 && request.complete) yield last
}

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
